import { assert, assertEquals } from "@std/assert";
import { handlePointers } from "../../../../../tasks/web/page/sheet/pointers.ts";
import type { Pen } from "../../../../../tasks/web/page/store.ts";

/** An element of 200 x 200 at 10, 20, and a pen that tells what it is told. */
function easel() {
  const said: string[] = [];
  const place = ({ x, y }: { x: number; y: number }) => `${x},${y}`;
  const pen: Pen = {
    down: (point) => void said.push(`down ${place(point)}`),
    move: (points) => void said.push(`move ${points.map(place).join(" ")}`),
    up: () => void said.push("up"),
    cancel: () => void said.push("cancel"),
  };
  const captured: number[] = [];
  const element = Object.assign(new EventTarget(), {
    getBoundingClientRect: () => ({ left: 10, top: 20, width: 200, height: 200 }),
    setPointerCapture: (id: number) => void captured.push(id),
  });
  const forget = handlePointers(element as unknown as HTMLElement, pen);
  const send = (type: string, at: readonly [x: number, y: number], about: Record<string, unknown> = {}): Event => {
    const event = Object.assign(new Event(`pointer${type}`, { cancelable: true }), {
      ...{ pointerId: 1, pointerType: "mouse", isPrimary: true, button: type === "move" ? -1 : 0, buttons: 1 },
      ...{ clientX: 10 + 200 * at[0], clientY: 20 + 200 * at[1], getCoalescedEvents: () => [] as unknown[] },
      ...about,
    });
    element.dispatchEvent(event);
    return event;
  };
  return { said, captured, send, forget };
}

Deno.test("a pointer draws from where it is pressed to where it is let go, and is captured", () => {
  const { said, captured, send, forget } = easel();
  send("move", [0.1, 0.1], { buttons: 0 }); // hovers
  assert(send("down", [0.25, 0.5]).defaultPrevented);
  send("move", [0.5, 0.5]);
  send("move", [1.5, -0.5]); // outside
  send("up", [1.5, -0.5], { buttons: 0 });
  send("move", [0.5, 0.5], { buttons: 0 });
  assertEquals(said, ["down 0.25,0.5", "move 0.5,0.5", "move 1.5,-0.5", "up"]);
  assertEquals(captured, [1]);
  forget();
  send("down", [0, 0]);
  assertEquals(said.length, 4);
});

Deno.test("all places that a movement is made of are drawn", () => {
  const { said, send } = easel();
  send("down", [0, 0]);
  const parts = [0.25, 0.5].map((x) => ({ clientX: 10 + 200 * x, clientY: 20, timeStamp: 0 }));
  send("move", [0.5, 0], { getCoalescedEvents: () => parts });
  assertEquals(said[1], "move 0.25,0 0.5,0");
});

Deno.test("other buttons do not draw, and the stroke ends with its own button", () => {
  const { said, send } = easel();
  send("down", [0, 0], { button: 2, buttons: 2 });
  send("down", [0, 0], { button: 5, buttons: 32, pointerType: "pen" }); // an eraser
  assertEquals(said, []);
  send("down", [0, 0]);
  send("move", [0.5, 0.5], { button: 2, buttons: 3 });
  send("move", [0.5, 0.5], { button: 0, buttons: 2 });
  send("move", [0.75, 0.75], { buttons: 2 });
  assertEquals(said, ["down 0,0", "move 0.5,0.5", "up"]);
});

Deno.test("a second finger is not seen, whichever of the two is lifted first", () => {
  const { said, send } = easel();
  const second = { pointerId: 2, isPrimary: false, pointerType: "touch" };
  send("down", [0, 0], { pointerType: "touch" });
  send("down", [0.5, 0.5], second);
  send("move", [0.75, 0.75], second);
  send("up", [0.75, 0.75], second);
  send("move", [0.25, 0.25], { pointerType: "touch" });
  send("up", [0.25, 0.25], { pointerType: "touch" });
  assertEquals(said, ["down 0,0", "move 0.25,0.25", "up"]);
});

Deno.test("a pen takes the place of the hand that holds it, and no finger that of a pen", () => {
  const { said, send } = easel();
  const pen = { pointerId: 3, pointerType: "pen" };
  send("down", [0.5, 1], { pointerType: "touch" });
  send("down", [0, 0], pen);
  send("move", [0.5, 0.75], { pointerType: "touch" });
  send("cancel", [0.5, 0.75], { pointerType: "touch" });
  send("down", [0.75, 0.75], { pointerType: "touch", pointerId: 4 });
  send("move", [0.25, 0], pen);
  send("up", [0.25, 0], pen);
  assertEquals(said, ["down 0.5,1", "cancel", "down 0,0", "move 0.25,0", "up"]);
});

Deno.test("what the system takes away is forgotten, and the next stroke is drawn", () => {
  const { said, send } = easel();
  send("down", [0, 0], { pointerType: "touch" });
  send("cancel", [0, 0], { pointerType: "touch" });
  send("down", [0.5, 0], { pointerType: "touch", pointerId: 7 });
  assertEquals(said, ["down 0,0", "cancel", "down 0.5,0"]);
});
