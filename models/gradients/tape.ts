/**
 * Gradients ahead of time: tfjs gives them all at the end of its way back, but records each operation on a tape whose
 * nodes can be watched.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensors.ts";

/** A recorded operation, as far as it is in use here; tfjs 4.22 is the last of its line. */
interface TapeNode {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  gradient?: (dys: readonly Tensor[]) => Record<string, () => Tensor>;
}

/**
 * Has the way back tell of gradients as they are found. To be called at the end of the function that `tf.variableGrads`
 * is given. Of a variable that several operations use the gradient is a sum that is known to tfjs alone: it is passed over.
 *
 * @param loss What that function is about to return.
 * @param variables Those whose gradients are wanted.
 * @param tell Gets a variable's place in the list and its gradient, a tensor that is only lent.
 */
export function tellOnTheWay(
  loss: Tensor,
  variables: readonly Tensor[],
  tell: (place: number, gradient: Tensor) => void,
): void {
  const { activeTape } = tf.engine().state as unknown as { readonly activeTape: readonly TapeNode[] | null };
  const places = new Map(variables.map(({ id }, i) => [id, i]));
  const uses = new Map<number, number>();
  const leading: TapeNode[] = []; // to the loss: copies that operations keep for later lead nowhere
  const wanted = new Set([loss.id]);
  for (const node of activeTape?.toReversed() ?? []) {
    if (!node.outputs.some(({ id }) => wanted.has(id))) continue;
    leading.push(node);
    for (const { id } of Object.values(node.inputs)) {
      wanted.add(id);
      uses.set(id, (uses.get(id) ?? 0) + 1);
    }
  }
  for (const node of leading) {
    const only = Object.entries(node.inputs).filter(([, { id }]) => places.has(id) && uses.get(id) === 1);
    const { gradient } = node;
    if (only.length === 0 || gradient === undefined) continue;
    node.gradient = (dys) => {
      const found = gradient(dys);
      for (const [name, { id }] of only) {
        const compute = found[name];
        found[name] = () => {
          const dx = compute();
          tell(places.get(id)!, dx);
          return dx;
        };
      }
      return found;
    };
  }
}
