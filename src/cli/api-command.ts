import { Command, Option } from "commander";
import { callApi } from "../api-client/call-api.ts";
import type { ClientRequest } from "../api-client/client.ts";
import { connectApi } from "./connect-api.ts";
import { printJson, printLine } from "./print.ts";
import { withResource } from "./with-resource.ts";

// biome-ignore lint/suspicious/noExplicitAny: options are parsed by what stands beside them
type Options = Record<string, any>;

export type Argument = { name: string; means: string; parse?: (text: string) => unknown };
export type Flag = {
  flags: string;
  means: string;
  parse?: (text: string, before: never) => unknown;
  required?: true;
  choices?: readonly string[];
};

/** A command that is one call of the management API. */
export type ApiCommand<Answer> = {
  name: string;
  means: string;
  /** Shown under the help. */
  examples?: readonly string[];
  arguments?: readonly Argument[];
  flags?: readonly Flag[];
  request(options: Options, ...args: string[]): ClientRequest;
  /** For people; programs get the answer itself. */
  text(answer: Answer): string;
  /** Whether the call did what was wanted; always where absent. */
  succeeded?: (answer: Answer) => boolean;
};

export function apiCommand<Answer>(spec: ApiCommand<Answer>): Command {
  const command = commandOf(spec);
  return command.action(async (...given: unknown[]) => {
    const args = given.slice(0, spec.arguments?.length ?? 0) as string[];
    const options = command.opts<Options>();
    await withResource(
      () => connectApi(),
      async api => {
        const answer = await callApi<Answer>(api, spec.request(options, ...args));
        if (options.json) printJson(answer);
        else printLine(spec.text(answer));
        if (spec.succeeded && !spec.succeeded(answer)) process.exitCode = 1;
      },
    );
  });
}

function commandOf({
  name,
  means,
  examples = [],
  arguments: args = [],
  flags = [],
}: ApiCommand<never> | ApiCommand<unknown>) {
  const command = new Command(name).description(means);
  for (const { name: each, means: meaning, parse } of args) {
    if (parse) command.argument(each, meaning, parse);
    else command.argument(each, meaning);
  }
  for (const flag of flags) {
    const option = new Option(flag.flags, flag.means).makeOptionMandatory(flag.required === true);
    if (flag.choices) option.choices(flag.choices);
    if (flag.parse) option.argParser(flag.parse as (text: string, before: unknown) => unknown);
    command.addOption(option);
  }
  command.option("--json", "print JSON");
  if (examples.length > 0) command.addHelpText("after", `\nExamples:\n${examples.map(each => `  ${each}`).join("\n")}`);
  return command;
}

/** A command of commands. */
export function commandGroup(name: string, means: string, commands: readonly Command[]): Command {
  const group = new Command(name).description(means);
  for (const command of commands) group.addCommand(command);
  return group;
}
