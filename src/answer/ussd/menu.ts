import type { UssdMenu } from "../../connections/ussd-settings.ts";

/** A menu says so itself by a line such as `0. Back` or `0: Rudi`, where it gives `0` no other meaning. */
const saysBack = /^\s*0\s*[.:)-]?\s*(go )?(back|rudi|nyuma)\b/im;

/**
 * The menu that a subscriber sees who typed `inputs`, from the first. A choice the menu does not know shows it again. Where there is
 * nothing to choose the session ends.
 */
export function walk(menu: UssdMenu, inputs: readonly string[]): { text: string; end: boolean } {
  const path = [menu];
  for (const input of inputs) {
    const here = path.at(-1)!;
    const choice = choiceOf(here, input.trim());
    if (choice === "back") {
      if (path.length > 1) path.pop();
    } else if (choice !== null) path.push(choice);
  }
  const { text, options, end } = path.at(-1)!;
  return { text, end: end === true || options === undefined || Object.keys(options).length === 0 };
}

function choiceOf(menu: UssdMenu, input: string): UssdMenu | "back" | null {
  const { options = {} } = menu;
  if (!Object.hasOwn(options, input)) return input === "0" && saysBack.test(menu.text) ? "back" : null;
  const choice = options[input]!;
  return "back" in choice ? "back" : choice;
}
