/**
 * The page's icon, and what a phone is told that adds the page to its screen.
 *
 * @module
 */

/** A face in four strokes, coloured from the first to the last. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect width="64" height="64" rx="14" fill="#17203a"/>
<g fill="none" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">
<path stroke="#8ea6ff" d="M31 11C18 11 10 20 11 33s10 20 22 20 21-9 20-22S43 11 29 12"/>
<path stroke="#d79bff" d="M24 25v5"/>
<path stroke="#ff9f6b" d="M40 25v5"/>
<path stroke="#4fd3a4" d="M21 38c6 9 17 9 23-1"/>
</g>
</svg>
`;

/** The web manifest; its paths are relative to itself. */
export function webManifest(icon: string): string {
  return JSON.stringify({
    name: "strokewise",
    short_name: "strokewise",
    description: "Draw, and watch the models make up their minds.",
    start_url: "./",
    scope: "./",
    display: "standalone",
    background_color: "#0f141c",
    theme_color: "#0f141c",
    icons: [{ src: icon, sizes: "any", type: "image/svg+xml", purpose: "any" }],
  });
}
