/** What a page says after a form was sent. The address carries the word, never a text: nobody puts words into a page by a link. */
export const doneTexts = {
  resolved: "The decision is kept and the review is closed.",
  polled: "The provider was asked.",
  reprocess: "The callback is going to be read again. Reload in a moment.",
  retry: "The delivery is on its way. Reload in a moment.",
  test: "A test event is on its way.",
  enabled: "The endpoint is enabled: new events are sent to it. What failed is sent again when you say so.",
  disabled: "The endpoint is disabled: nothing is sent to it, and its events are kept.",
  recover: "What failed in the last seven days is queued again.",
} as const satisfies Record<string, string>;

export type Done = keyof typeof doneTexts;

export function doneText(word: string | undefined): string | null {
  return word !== undefined && Object.hasOwn(doneTexts, word) ? doneTexts[word as Done] : null;
}
