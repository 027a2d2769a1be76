/**
 * README's picture of the paint page, of a run of the quickstart and one of `cnn` on the same data:
 *
 *     deno run -A tests/tasks/web/browser/picture.ts fixtures/pictures/paint.png runs/cnn-lstm-1 runs/cnn-1
 */
import { launchChromium } from "../../../chromium.ts";
import { faceByHand } from "./hand.ts";
import { Paint } from "./paint.ts";
import { serveSite } from "./sites.ts";
import { visit } from "./visit.ts";

const [file, ...runs] = Deno.args;
{
  await using site = await serveSite(runs);
  const browser = await launchChromium();
  await using open = await visit(browser, site.url);
  const paint = new Paint(open);
  await open.page.setViewportSize({ width: 1240, height: 700 });
  await paint.loaded();
  await paint.draw(faceByHand());
  await paint.run(runs[0].split("/").pop()!).getByRole("button", { name: /^smiley face/ }).click();
  await open.page.getByText("for smiley face").waitFor();
  await paint.settled(4);
  await open.page.mouse.move(0, 0);
  // Down to the second line of the panel.
  await open.page.screenshot({ path: file, animations: "disabled", clip: { x: 0, y: 0, width: 1240, height: 646 } });
  await browser.close();
}
