/**
 * HTML and SVG that cannot be broken by what is put into them: one template whose interpolations are escaped, and the
 * page around it.
 *
 * @module
 */
import { escapeHtml } from "../cli/text.ts";

/** Markup that is safe to be put into a page; only this file makes it. */
class SafeHtml {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** Markup that is safe to be put into a page; `String` gives its text. */
export type Html = SafeHtml;

/** What can be put into a template: text and numbers, which are escaped, and markup, alone or one after the other. */
export type HtmlValue = string | number | Html | readonly Html[];

/**
 * A piece of HTML or SVG. Text that is put in is escaped, for elements and quoted attributes alike. White space that only
 * lays out the source is left out: around the template, and line breaks between two tags.
 *
 * @example
 * ```ts
 * import { html } from "./html.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const items = ["<b>", '"'].map((name) => html`<li title="${name}">${name}</li>`);
 * const list = '<ul><li title="&lt;b&gt;">&lt;b&gt;</li><li title="&quot;">&quot;</li></ul>';
 * assertEquals(String(html`<ul>${items}</ul>`), list);
 * ```
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = parts.map((part, i) => {
    let text = part.replaceAll(/>\s*\n\s*</g, "><");
    if (i === 0) text = text.replace(/^\s*\n\s*/, "");
    if (i === values.length) text = text.replace(/\s*\n\s*$/, "");
    return i === 0 ? text : markupOf(values[i - 1]) + text;
  });
  return new SafeHtml(markup.join(""));
}

function markupOf(value: HtmlValue): string {
  if (value instanceof SafeHtml) return String(value);
  return Array.isArray(value) ? value.map(markupOf).join("") : escapeHtml(String(value));
}

/** Markup that is taken as it is: of a chart or a style sheet of this project, never of what a user names. */
export function trusted(markup: string): Html {
  return new SafeHtml(markup);
}

/** Nothing, where there is nothing to show. */
export const NOTHING: Html = html``;

/** A PNG picture as the value of an attribute `src`. */
export function pngUrl(png: Uint8Array): string {
  return `data:image/png;base64,${png.toBase64()}`;
}

/** Pictures of the page itself, its own style sheet and attributes; no scripts, nothing of others, no forms. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * A whole document that loads nothing and runs nothing, which its policy tells the browser too.
 *
 * @param style CSS of this project.
 * @param body What stands in `<main>`.
 */
export function htmlPage(title: string, style: string, body: Html): string {
  const head = html`
    <meta http-equiv="Content-Security-Policy" content="${POLICY}">
    <style>${trusted(style)}</style>
  `;
  return documentOf({ title, head, body });
}

/**
 * A whole document.
 *
 * @param parts `head`: what stands in it beside the title; `body`: what stands in `<main>`.
 */
export function documentOf(
  { title, head, body }: { readonly title: string; readonly head: Html; readonly body: Html },
): string {
  return `${html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        ${head}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>
  `}\n`;
}
