import { providers } from "../providers/registry.ts";
import { variables } from "./variables.ts";

/** Words in the public URL that a provider refuses in callback URLs. */
export function urlWarnings(publicUrl: string): string[] {
  const url = publicUrl.toLowerCase();
  return [...providers.values()].flatMap(({ name, refusedUrlWords = [] }) =>
    refusedUrlWords
      .filter(word => url.includes(word))
      .map(
        word => `HAKIKA_PUBLIC_URL: ${name} refuses callback URLs that contain "${word}"; choose another host or path`,
      ),
  );
}

/** Variables with Hakika's prefix that it does not have: a misspelt name would otherwise be ignored silently. */
export function unknownWarnings(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter(name => name.startsWith("HAKIKA_") && !Object.hasOwn(variables, name))
    .map(name => `${name}: no such variable; it changes nothing`);
}
