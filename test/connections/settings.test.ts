import { describe, expect, test } from "vitest";
import { usableSettings } from "../../src/connections/settings.ts";
import { ussdSettings } from "../../src/connections/ussd-settings.ts";
import { validationSettings } from "../../src/connections/validation-settings.ts";
import { exampleMenu } from "../answer/example-menu.ts";

const problemsOf = (settings: unknown) =>
  (ussdSettings.safeParse(settings).error?.issues ?? []).map(issue => issue.path.join("."));
const menu = (root: unknown) => problemsOf({ mode: "menu", menu: root });

describe("settings.ussd", () => {
  test("accepts a menu, or the URL of a merchant", () => {
    expect(problemsOf({ mode: "menu", menu: exampleMenu })).toEqual([]);
    expect(problemsOf({ mode: "forward", url: "https://a.example", timeout_ms: 3000, fallback: "END Sorry" })).toEqual(
      [],
    );
  });

  test("requires the menu or the URL of its mode", () => {
    expect(problemsOf({ mode: "menu" })).toEqual(["menu"]);
    expect(problemsOf({ mode: "forward" })).toEqual(["url"]);
    expect(problemsOf({ mode: "other" })).toEqual(["mode"]);
    expect(problemsOf({ mode: "menu", menu: exampleMenu, surprise: 1 })).toEqual([""]);
  });

  test("refuses a fallback that does not end, or that a phone cannot show", () => {
    for (const fallback of ["CON Sorry", "END", "END ", "END 🙂", `END ${"a".repeat(183)}`])
      expect(problemsOf({ mode: "menu", menu: exampleMenu, fallback }), fallback).toContain("fallback");
  });

  test("refuses a menu that a phone cannot show as it is", () => {
    expect(menu({ text: "🙂" })).toEqual(["menu.text"]);
    expect(menu({ text: "a".repeat(183) })).toEqual(["menu.text"]);
    expect(menu({ text: "a".repeat(182) })).toEqual([]);
    expect(menu({ text: "A", end: true, options: { "1": { text: "B" } } })).toEqual(["menu.end"]);
    expect(menu({ text: "A", options: { "1*2": { text: "B" } } })).not.toEqual([]);
    expect(menu({ text: "A", options: { "1": { text: "B", ends: true } } })).not.toEqual([]);
  });

  test("refuses a menu that is too deep or too wide", () => {
    const deep = (levels: number): unknown =>
      levels === 1 ? { text: "A" } : { text: "A", options: { "1": deep(levels - 1) } };
    expect(menu(deep(10))).toEqual([]);
    expect(menu(deep(11))).toEqual(["menu"]);
    const wide = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, { text: "B" }]));
    expect(menu({ text: "A", options: wide(20) })).toEqual([]);
    expect(menu({ text: "A", options: wide(21) })).toEqual(["menu.options"]);
  });
});

describe("settings of validations", () => {
  test("require a URL to forward to, and accept any time-out: the answer is sent by the deadline", () => {
    expect(validationSettings.safeParse({ mode: "accept" }).success).toBe(true);
    expect(validationSettings.safeParse({ mode: "forward" }).success).toBe(false);
    expect(validationSettings.safeParse({ mode: "match", timeout_ms: 60_000 }).success).toBe(true);
    expect(validationSettings.safeParse({ mode: "match", timeout_ms: 0 }).success).toBe(false);
    expect(validationSettings.safeParse({ mode: "match", fallback: "perhaps" }).success).toBe(false);
  });
});

describe("stored settings", () => {
  test("lose USSD settings that this version cannot use, and nothing else", () => {
    const ussd = { mode: "menu", menu: exampleMenu } as const;
    expect(usableSettings({ confirm_above: "10.00", ussd })).toEqual({ confirm_above: "10.00", ussd });
    for (const other of [{ mode: "menu" }, { mode: "menu", menu: exampleMenu, later: true }, "menu", null]) {
      expect(usableSettings({ confirm_above: "10.00", ussd: other as never })).toEqual({ confirm_above: "10.00" });
    }
  });
});
