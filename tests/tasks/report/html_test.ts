import { assertEquals, assertStringIncludes } from "@std/assert";
import { may } from "../../helpers.ts";
import { html, htmlPage, NOTHING, pngUrl, trusted } from "../../../tasks/report/html.ts";

Deno.test("what is put in is escaped; markup and lists of it are not, whatever they hold", () => {
  const evil = `<script a="b" c='d'>&amp;`;
  const safe = "&lt;script a=&quot;b&quot; c=&#39;d&#39;&gt;&amp;amp;";
  assertEquals(String(html`${evil}`), safe);
  assertEquals(String(html`<p title="${evil}">${evil}${1.5}${-0}</p>`), `<p title="${safe}">${safe}1.50</p>`);
  const items = [evil, "b"].map((text) => html`<li>${text}</li>`);
  assertEquals(
    String(html`<ul>${items}${NOTHING}${html`<li>${items[1]}</li>`}</ul>`),
    [
      ...["<ul>", `<li>${safe}</li>`, "<li>b</li>", "<li><li>b</li></li>", "</ul>"],
    ].join(""),
  );
  assertEquals(String(html`${trusted("<svg/>")}`), "<svg/>");
  const forged = { toString: () => "<b>", markup: "<b>" } as unknown as string;
  assertEquals(String(html`${forged}`), "&lt;b&gt;");
});

Deno.test("white space that lays out the source is left out, that of the text is not", () => {
  const name = " a ";
  assertEquals(
    String(html`
      <p>
        one
        two <b>${name}</b> ${name}
      </p>
      <i>${" "}</i>
    `).replaceAll(/\n +/g, "|"),
    "<p>|one|two <b> a </b>  a |</p><i> </i>",
  );
});

Deno.test("a page says that it loads and runs nothing", () => {
  const page = htmlPage("<a>", "b > c { }", html`<h1>d</h1>`);
  assertEquals(page.startsWith("<!DOCTYPE html><html") && page.endsWith("</html>\n"), true);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  assertStringIncludes(
    page,
    `<meta http-equiv="Content-Security-Policy" content="${policy.replaceAll("'", "&#39;")}">`,
  );
  assertStringIncludes(page, "<title>&lt;a&gt;</title>");
  assertStringIncludes(page, "<style>b > c { }</style>");
});

Deno.test({
  name: "markup that is taken as it is comes from the style sheet, the charts and the sheets of drawings alone",
  ignore: !may("read"),
  fn: async () => {
    const found: string[] = [];
    for (const room of ["report", "reproduce"]) {
      const folder = new URL(`../../../tasks/${room}/`, import.meta.url);
      for await (const { name, isFile } of Deno.readDir(folder)) {
        const text = isFile ? await Deno.readTextFile(new URL(name, folder)) : "";
        found.push(...(text.match(/(?<!function )\btrusted\(/g) ?? []).map(() => name));
      }
    }
    assertEquals(found.sort(), ["chart.ts", "html.ts", "sheet_figure.ts"]);
  },
});

Deno.test("the URL of a picture holds its bytes", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assertEquals(Uint8Array.fromBase64(pngUrl(bytes).replace("data:image/png;base64,", "")), bytes);
});
