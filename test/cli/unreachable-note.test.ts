import { expect, test } from "vitest";
import { unreachableNote } from "../../src/cli/resources/unreachable-note.ts";

test.each([
  ["production", "http://127.0.0.1:8080/in/daraja/t/stk", "no provider reaches"],
  ["production", "https://[fd00::1]/in/daraja/t/stk", "no provider reaches"],
  ["production", "https://localhost/in/daraja/t/stk", "no provider reaches"],
  ["production", "http://pay.example.com/in/daraja/t/stk", "is not https"],
  ["production", "https://pay.example.com/in/daraja/t/stk", ""],
  ["sandbox", "http://127.0.0.1:8080/in/daraja/t/stk", ""],
])("a connection for %s at %s is warned of: %s", (environment, stk, words) => {
  const note = unreachableNote({ environment, callback_urls: { stk } });
  if (words === "") expect(note).toBe("");
  else expect(note).toContain(words);
});
