import type { Provider } from "./provider.ts";

/** Every provider there is. Adding one touches its folder, its tests and this list. */
const all: Provider[] = [];

export const providers: ReadonlyMap<string, Provider> = new Map(all.map(provider => [provider.id, provider]));
