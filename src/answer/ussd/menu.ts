import type { UssdMenu } from "../../connections/ussd-settings.ts";

/** A line such as `0. Back` or `0: Rudi` in a menu's text: `0` leads back unless the menu has an option `0`. */
const backLine = /^\s*0\s*[.:)-]?\s*(go )?(back|rudi|nyuma)\b/im;

/**
 * The menu that a subscriber reaches from the first one by typing `inputs`. An unknown choice shows the same menu
 * again. A menu without options ends the session.
 */
export function walkMenu(menu: UssdMenu, inputs: readonly string[]): { text: string; end: boolean } {
  const path = [menu];
  for (const input of inputs) {
    const current = path.at(-1)!;
    const choice = choiceOf(current, input.trim());
    if (choice === "back") {
      if (path.length > 1) path.pop();
    } else if (choice !== null) path.push(choice);
  }
  const { text, options, end } = path.at(-1)!;
  return { text, end: end === true || options === undefined || Object.keys(options).length === 0 };
}

function choiceOf(menu: UssdMenu, input: string): UssdMenu | "back" | null {
  const { options = {} } = menu;
  if (!Object.hasOwn(options, input)) return input === "0" && backLine.test(menu.text) ? "back" : null;
  const choice = options[input]!;
  return "back" in choice ? "back" : choice;
}
