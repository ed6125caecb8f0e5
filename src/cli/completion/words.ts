import type { Command, Option } from "commander";

/** What may follow a command: `path` is the command with those before it, `values` the choices of each flag. */
export type CommandWords = {
  path: string;
  commands: { name: string; description: string }[];
  flags: { name: string; description: string; values: readonly string[] }[];
  /** The choices of the first argument. */
  values: readonly string[];
};

/** The words of a command line and of all commands below it. */
export function wordsOf(command: Command, before = ""): CommandWords[] {
  const path = before === "" ? command.name() : `${before} ${command.name()}`;
  const own = {
    path,
    commands: command.commands.map(each => ({ name: each.name(), description: each.description() })),
    flags: [...command.options.flatMap(flagOf), { name: "--help", description: "shows its help", values: [] }],
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [own, ...command.commands.flatMap(each => wordsOf(each, path))];
}

function flagOf(option: Option): CommandWords["flags"] {
  const { long, description, argChoices = [] } = option;
  return long ? [{ name: long, description, values: argChoices }] : [];
}
