/**
 * The report's style sheet: light and dark by the reader's own setting, one column on a phone, black on white on paper.
 *
 * @module
 */

/** CSS, to stand in a `<style>` element. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --text: #1b2330; --muted: #64707f; --grid: #dfe3e8;
  --accent: #1f6fb4; --train: #6b7c93; --valid: #d65a16; --on: #fff; --half: #10161f; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1b212a; --text: #e6eaf0; --muted: #98a3b3; --grid: #333c49;
    --accent: #5cabee; --train: #93a4bd; --valid: #f59150; --on: #0c1118; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 48px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 0 0 6px; }
p { margin: 0 0 12px; max-width: 92ch; }
.muted, figcaption, .note { color: var(--muted); }
section { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 18px 20px; margin-top: 18px; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin-top: 20px; }
.tiles div { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 12px 16px; }
.tiles dt { color: var(--muted); font-size: 13px; }
.tiles dd { margin: 0; font-size: 28px; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd + dd { font-size: 13px; font-weight: 400; color: var(--muted); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 28px; }
.pair > * { min-width: 0; }
figure { margin: 0; }
figure > svg { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
.matrix { display: block; width: 100%; height: auto; margin: 0 auto; }
img.matrix { max-width: 700px; image-rendering: pixelated; background: #fff; border: 1px solid var(--grid); }
svg.matrix text { font: 11.5px system-ui, sans-serif; fill: var(--text); }
svg.plane { display: block; width: 100%; height: auto; }
svg.plane text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg.plane .axis { fill: var(--muted); }
svg.plane .name { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
svg.matrix .axis { fill: var(--muted); }
svg.matrix .count { font-variant-numeric: tabular-nums; }
svg.matrix .on { fill: var(--on); }
svg.matrix .half { fill: var(--half); }
svg.matrix .frame { fill: none; stroke: var(--grid); }
svg.matrix .right { fill: var(--accent); }
svg.matrix .wrong { fill: var(--valid); }
img.canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--muted); }
th, td { padding: 4px 8px 4px 0; border-bottom: 1px solid var(--grid); }
td.number, th.number { text-align: right; white-space: nowrap; }
td { overflow-wrap: break-word; }
th { white-space: nowrap; }
tr { break-inside: avoid; }
.bar { display: block; height: 8px; border-radius: 2px; background: var(--accent); min-width: 1px; }
td.wide { width: 38%; }
.columns { columns: 2; column-gap: 28px; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 14px; margin: 12px 0 0; padding: 0; list-style: none; }
.mistakes li { min-width: 0; break-inside: avoid; font-size: 13px; line-height: 1.35; overflow-wrap: anywhere; }
.mistakes img { display: block; width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; background: #fff; padding: 5px;
  border: 1px solid var(--grid); border-radius: 6px; margin-bottom: 5px; }
.wrong-name { color: var(--valid); font-weight: 600; }
.key { display: inline-flex; gap: 8px; align-items: center; font-size: 13px; color: var(--muted); }
.key i { width: 120px; height: 9px; border-radius: 2px; }
.key i.dot { width: 10px; height: 10px; }
.key.wrap { flex-wrap: wrap; }
.right-fill { background: var(--accent); } .wrong-fill { background: var(--valid); }
details { margin-top: 14px; } section > details:first-child { margin: 0; }
summary { cursor: pointer; font-weight: 600; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { padding: 20px 12px 32px; } section { padding: 14px; } h1 { font-size: 23px; }
  .tiles { grid-template-columns: 1fr 1fr; } .pair { grid-template-columns: 1fr; } .columns { columns: 1; }
  .mistakes { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 10px; }
  .tiles dd { font-size: 24px; } td.wide { width: 22%; } .options td:first-child { width: 50%; } th, td { padding-right: 6px; font-size: 14px; } th { font-size: 12px; }
}
@media print {
  :root { --page: #fff; }
  body { font-size: 11pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, .note { break-after: avoid; }
  .mistakes { grid-template-columns: repeat(6, 1fr); gap: 8px; }
  main { max-width: none; padding: 0; } section { break-inside: avoid-page; border: 0; padding: 12px 0; }
  section.long { break-inside: auto; }
}
`;
