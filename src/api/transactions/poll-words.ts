const words: Readonly<Record<string, string>> = {
  answered: "answered",
  "not-yet": "no final answer yet",
  "not-found": "does not know it",
  deferred: "answers by callback",
  stop: "must not be polled any more",
  throttled: "rate limit reached",
  refused: "refused the question",
  "credentials-refused": "credentials refused",
  unavailable: "no answer",
};

/** What came of a poll, in words for people. */
export function pollWords(outcome: string): string {
  return words[outcome] ?? outcome;
}
