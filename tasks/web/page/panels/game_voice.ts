/// <reference lib="dom" />
/**
 * The browser's voice, where it has one.
 *
 * @module
 */

/** Whether there is a voice. */
export function canSpeak(): boolean {
  return "speechSynthesis" in globalThis;
}

/** Says something, in the place of what is being said. */
export function speak(words: string): void {
  if (!canSpeak()) return;
  hush();
  speechSynthesis.speak(new SpeechSynthesisUtterance(words));
}

/** Says nothing more. */
export function hush(): void {
  if (canSpeak()) speechSynthesis.cancel();
}
