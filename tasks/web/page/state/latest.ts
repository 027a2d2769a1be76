/**
 * Questions to somebody slow: one under way, at most one waiting, and that the newest. Browser safe.
 *
 * @module
 */

/** Takes questions, and passes on answers. */
export interface Latest<Question> {
  /** Asks as soon as nothing is under way; takes the place of what waits. */
  ask(question: Question): void;
  /** Forgets what waits, and the answer to what is under way. */
  forget(): void;
}

/**
 * Asks one question at a time.
 *
 * @param ask Answers a question, or rejects.
 * @param take.answer Takes an answer; older ones come before newer ones.
 * @param take.failure Takes what `ask` rejects with.
 */
export function latest<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
  take: {
    readonly answer: (answer: Answer, question: Question) => void;
    readonly failure: (error: unknown) => void;
  },
): Latest<Question> {
  let waiting: { readonly question: Question } | undefined;
  let [isBusy, epoch] = [false, 0];
  const work = async (): Promise<void> => {
    isBusy = true;
    while (waiting) {
      const [{ question }, begun] = [waiting, epoch];
      waiting = undefined;
      try {
        const answer = await ask(question);
        if (begun === epoch) take.answer(answer, question);
      } catch (error) {
        if (begun === epoch) take.failure(error);
      }
    }
    isBusy = false;
  };
  return {
    ask(question) {
      waiting = { question };
      if (!isBusy) void work();
    },
    forget() {
      waiting = undefined;
      epoch++;
    },
  };
}
