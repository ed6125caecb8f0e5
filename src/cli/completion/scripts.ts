import type { CommandWords } from "./words.ts";

const list = (words: readonly string[]) => words.join(" ");

/** A completion for bash. Where a command takes a file or an id, bash's own completion of file names is left. */
export function bashScript(all: readonly CommandWords[]): string {
  const cases = all.map(({ path, commands, flags, values }) => {
    const words = list([...commands.map(({ name }) => name), ...values, ...flags.map(({ name }) => name)]);
    return `    ${quoted(path)}) words=${quoted(words)} ;;`;
  });
  const valued = all.flatMap(({ path, flags }) =>
    flags
      .filter(({ values }) => values.length > 0)
      .map(({ name, values }) => `    ${quoted(`${path} ${name}`)}) words=${quoted(list(values))} ;;`),
  );
  const paths = all.map(({ path }) => `    ${quoted(path)}) at="$next" ;;`);
  return `# Completion of hakika for bash.
_hakika() {
  local at=hakika next word words="" current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="$at $word"
    case "$next" in
${paths.join("\n")}
    esac
  done
  case "$at $before" in
${valued.join("\n")}
    *) case "$at" in
${cases.join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hakika hakika
`;
}

/** zsh runs completions of bash. */
export function zshScript(all: readonly CommandWords[]): string {
  return `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bashScript(all)}`;
}

/** A completion for fish, which shows the descriptions too. */
export function fishScript(all: readonly CommandWords[]): string {
  const lines = all.flatMap(({ path, commands, flags, values }) => {
    const seen = path.split(" ").slice(1);
    const names = commands.map(({ name }) => name);
    const conditions = seen.map(word => `__fish_seen_subcommand_from ${word}`);
    const isHere = [...conditions, ...(names.length > 0 ? [`not __fish_seen_subcommand_from ${list(names)}`] : [])];
    const begin = `complete -c hakika${isHere.length > 0 ? ` -n ${quoted(isHere.join("; and "))}` : ""}`;
    return [
      ...commands.map(({ name, description }) => `${begin} -f -a ${quoted(name)} -d ${quoted(description)}`),
      ...values.map(value => `${begin} -f -a ${quoted(value)}`),
      ...flags.map(
        flag =>
          `${begin} -l ${flag.name.slice(2)} -d ${quoted(flag.description)}` +
          (flag.values.length > 0 ? ` -x -a ${quoted(list(flag.values))}` : ""),
      ),
    ];
  });
  return `# Completion of hakika for fish.\n${lines.join("\n")}\n`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
