import { Command, Option } from "commander";
import type { ClientRequest } from "./api-client.ts";
import { callApi } from "./call-api.ts";
import { connectApi } from "./connect-api.ts";
import { printJson, printLine } from "./print.ts";
import { withResource } from "./with-resource.ts";

// biome-ignore lint/suspicious/noExplicitAny: commander types options loosely; each flag's `parse` checks its value.
type Options = Record<string, any>;

/** A positional argument. `parse` throws `InvalidArgumentError`. */
export type Argument = { name: string; description: string; parse?: (text: string) => unknown };
/** A flag. `parse` gets the value of an earlier occurrence as its second argument. */
export type Flag = {
  flags: string;
  description: string;
  parse?: (text: string, before: never) => unknown;
  required?: true;
  choices?: readonly string[];
};

/** A command that is one call of the management API. */
export type ApiCommand<Result> = {
  name: string;
  description: string;
  /** Shown below the help. */
  examples?: readonly string[];
  arguments?: readonly Argument[];
  flags?: readonly Flag[];
  request(options: Options, ...args: string[]): ClientRequest;
  /** The response as text. With `--json` the response itself is printed. */
  text(response: Result): string;
  /** Whether the exit code is 0; by default it is for every success of the API. */
  succeeded?: (response: Result) => boolean;
  /** The exit code, where there are more than success and failure. */
  exitCode?: (response: Result) => number;
};

/** The command of a specification, with `--json` in addition to its flags. */
export function apiCommand<Result>(spec: ApiCommand<Result>): Command {
  const command = commandOf(spec);
  return command.action(async (...passed: unknown[]) => {
    const args = passed.slice(0, spec.arguments?.length ?? 0) as string[];
    // A flag that a parent command has too is the parent's wherever it stands.
    const options = command.optsWithGlobals<Options>();
    await withResource(
      () => connectApi(),
      async api => {
        const response = await callApi<Result>(api, spec.request(options, ...args));
        if (options.json) printJson(response);
        else printLine(spec.text(response));
        if (spec.succeeded && !spec.succeeded(response)) process.exitCode = 1;
        if (spec.exitCode) process.exitCode = spec.exitCode(response);
      },
    );
  });
}

function commandOf({
  name,
  description,
  examples = [],
  arguments: args = [],
  flags = [],
}: ApiCommand<never> | ApiCommand<unknown>) {
  const command = new Command(name).description(description);
  for (const argument of args) {
    if (argument.parse) command.argument(argument.name, argument.description, argument.parse);
    else command.argument(argument.name, argument.description);
  }
  for (const flag of flags) {
    const option = new Option(flag.flags, flag.description).makeOptionMandatory(flag.required === true);
    if (flag.choices) option.choices(flag.choices);
    if (flag.parse) option.argParser(flag.parse as (text: string, before: unknown) => unknown);
    command.addOption(option);
  }
  command.option("--json", "print JSON");
  if (examples.length > 0) command.addHelpText("after", `\nExamples:\n${examples.map(each => `  ${each}`).join("\n")}`);
  return command;
}

/** A command that holds other commands. */
export function commandGroup(name: string, description: string, commands: readonly Command[]): Command {
  const group = new Command(name).description(description);
  for (const command of commands) group.addCommand(command);
  return group;
}
