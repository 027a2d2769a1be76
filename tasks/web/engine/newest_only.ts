/**
 * Questions of which only the newest is worth an answer. Browser safe.
 *
 * @module
 */

/**
 * Lets one question be answered and one wait. Where a newer one comes, the one that waits is not asked, and gets the newer
 * one's answer.
 *
 * @param ask Answers a question.
 *
 * @example
 * ```ts
 * import { newestOnly } from "./newest_only.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ask = newestOnly((question: string) => Promise.resolve(`${question}!`));
 * assertEquals(await Promise.all(["a", "b", "c"].map(ask)), ["a!", "c!", "c!"]);
 * ```
 */
export function newestOnly<Question, Answer>(ask: (question: Question) => Promise<Answer>) {
  let isBusy = false;
  let waiting: { question: Question; readonly answer: PromiseWithResolvers<Answer> } | undefined;
  const run = async (question: Question): Promise<Answer> => {
    isBusy = true;
    try {
      return await ask(question);
    } finally {
      isBusy = false;
      if (waiting !== undefined) {
        const { question, answer } = waiting;
        waiting = undefined;
        run(question).then(answer.resolve, answer.reject);
      }
    }
  };
  return (question: Question): Promise<Answer> => {
    if (!isBusy) return run(question);
    waiting ??= { question, answer: Promise.withResolvers<Answer>() };
    waiting.question = question;
    return waiting.answer.promise;
  };
}
