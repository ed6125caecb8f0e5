import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { walkMenu } from "../../src/answer/ussd/menu.ts";
import type { UssdMenu } from "../../src/connections/ussd-settings.ts";
import { exampleMenu } from "./example-menu.ts";

const [account] = [exampleMenu.options!["1"] as UssdMenu];

describe("a menu", () => {
  test("begins with its first text and goes where the choices lead", () => {
    expect(walkMenu(exampleMenu, [])).toEqual({ text: exampleMenu.text, end: false });
    expect(walkMenu(exampleMenu, ["1"])).toEqual({ text: account.text, end: false });
    expect(walkMenu(exampleMenu, ["1", " 2 "])).toEqual({ text: "Your balance is KES 10,000", end: true });
    expect(walkMenu(exampleMenu, ["2"]).end).toBe(true);
  });

  test("shows itself again for an unknown choice", () => {
    for (const unknown of ["", "9", "0", "11", "constructor", "__proto__", "toString"]) {
      expect(walkMenu(exampleMenu, [unknown])).toEqual({ text: exampleMenu.text, end: false });
      expect(walkMenu(exampleMenu, ["1", unknown === "0" ? "7" : unknown]).text).toBe(account.text);
    }
    expect(walkMenu(exampleMenu, ["9", "8", "2"]).end).toBe(true);
  });

  test("goes back by 0 where an option or its text says so, and nowhere else", () => {
    expect(walkMenu(exampleMenu, ["1", "0"]).text).toBe(exampleMenu.text);
    expect(walkMenu(exampleMenu, ["1", "0", "1", "1"]).text).toBe("Your account number is ACC1001");
    const spoken: UssdMenu = {
      text: "Menyu\n1. Salio",
      options: { "1": { text: "Salio: 5\n1. Zaidi\n0. Rudi", options: { "1": { text: "Mwisho" } } } },
    };
    expect(walkMenu(spoken, ["1", "0"]).text).toBe(spoken.text);
    expect(walkMenu(spoken, ["0"]).text).toBe(spoken.text);
    const other: UssdMenu = {
      text: "1. On\n0. Back",
      options: { "1": { text: "10. Back pain", options: { a: { text: "x" } } } },
    };
    expect(walkMenu(other, ["1", "0"]).text).toBe("10. Back pain");
  });

  test("shows one of its own texts, whatever is typed", () => {
    const texts = ["What would", "Choose", "Your"];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom("0", "1", "2", ""), fc.string())), inputs => {
        expect(texts.some(text => walkMenu(exampleMenu, inputs).text.startsWith(text))).toBe(true);
      }),
    );
  });
});
