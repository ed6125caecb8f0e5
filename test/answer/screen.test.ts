import { describe, expect, test } from "vitest";
import { screenOf } from "../../src/answer/ussd/screen.ts";

describe("a screen", () => {
  test("begins with CON where the session goes on, with END where it ends", () => {
    expect(screenOf("Amount?", false)).toEqual({
      ok: true,
      screen: { text: "CON Amount?", characters: 7 },
    });
    expect(screenOf("Bye", true)).toEqual({ ok: true, screen: { text: "END Bye", characters: 3 } });
  });

  test("has at most 182 characters, counted as they are shown", () => {
    expect(screenOf("a".repeat(182), true).ok).toBe(true);
    expect(screenOf("a".repeat(183), true).ok).toBe(false);
    expect(screenOf(`${"a".repeat(182)}🙂`, true).ok).toBe(true);
    expect(screenOf("€".repeat(61), true).ok).toBe(false);
  });

  test("needs a character that a phone shows", () => {
    expect(screenOf(" 🙂 ", false).ok).toBe(false);
  });
});
