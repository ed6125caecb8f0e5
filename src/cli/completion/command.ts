import { Argument, Command } from "commander";
import { commandLine } from "../main.ts";
import { bashScript, fishScript, zshScript } from "./scripts.ts";
import { wordsOf } from "./words.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type Shell = keyof typeof scripts;

/** `hakika completion`: what a shell needs to complete commands, flags and their values. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("prints what your shell needs to complete commands with Tab")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(scripts)))
    .option("--json", "print the words as JSON")
    .addHelpText(
      "after",
      `
Examples:
  source <(npx hakika completion bash)     in ~/.bashrc, and for zsh in ~/.zshrc
  npx hakika completion fish > ~/.config/fish/completions/hakika.fish`,
    )
    .action(async (shell: Shell, { json }: { json?: true }) => {
      const words = wordsOf(await commandLine());
      process.stdout.write(json ? `${JSON.stringify(words, null, 2)}\n` : scripts[shell](words));
    });
}
