/** The Worker of `gradientSource` with a fault at its fourth share: the Worker's name says which. */
import "../../../models/gradients/gradient_worker.ts";

const scope = self as unknown as { readonly name: string; onmessage: (event: MessageEvent) => void };
const work = scope.onmessage;
let shares = 0;

scope.onmessage = (event) => {
  if (!("objective" in event.data) || ++shares < 4) return work(event);
  if (scope.name === "throws") return work(new MessageEvent("message", { data: { ...event.data, objective: 9 } }));
  while (true); // hangs
};
