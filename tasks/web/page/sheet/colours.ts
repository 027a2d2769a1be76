/// <reference lib="dom" />
/**
 * The style sheet's colours, for what is painted and not laid out.
 *
 * @module
 */

/** The names that are asked for; each is `--NAME` in the style sheet. */
const NAMES = ["ink", "wet", "model-ink", "prototype-ink", "for", "against", "mark", "sheet"] as const;

/** A colour of the style sheet. */
export type ColourName = typeof NAMES[number];

/** Colours as a canvas takes them. */
export type Colours = Readonly<Record<ColourName, string>>;

/**
 * The colours as they are where an element stands, in the present theme.
 *
 * @param element In the document.
 */
export function coloursAt(element: HTMLElement): Colours {
  const probe = element.ownerDocument.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Record<ColourName, string>;
}

/** Red, green, blue, 0..255, of a colour that {@linkcode coloursAt} gave. */
export function channelsOf(colour: string): readonly [red: number, green: number, blue: number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
