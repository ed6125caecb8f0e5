import { type IdKind, idPrefixes } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Route } from "../route.ts";

/** The links of a response: from each id in it to the calls that take such an id in their path. */
export function linksOf(route: Route, schema: JsonObject, routes: readonly Route[]): JsonObject {
  const links: Record<string, JsonObject> = {};
  for (const [property, kind] of idsIn(schema)) {
    for (const target of routes) {
      const parameters = parametersOf(target, kind, `$response.body#/${property}`, route);
      if (parameters !== null) links[target.name] ??= { operationId: target.name, parameters };
    }
  }
  return links;
}

/** The id of the thing itself first, then those of others. */
function idsIn(schema: JsonObject): [property: string, kind: IdKind][] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  const found = properties.flatMap(([property, { examples }]): [string, IdKind][] => {
    const [example] = (examples ?? []) as unknown[];
    const kind = Object.keys(idPrefixes).find(
      name => typeof example === "string" && example.startsWith(idPrefixes[name as IdKind]),
    );
    return kind === undefined ? [] : [[property, kind as IdKind]];
  });
  return found.sort(([a], [b]) => Number(b === "id") - Number(a === "id"));
}

/** Values for each id in the target's path; null where one is neither in the response nor in the request's own path. */
function parametersOf(target: Route, kind: IdKind, value: string, { ids: own = {} }: Route): JsonObject | null {
  const needed = Object.entries(target.ids ?? {});
  if (!needed.some(([, of]) => of === kind)) return null;
  const given = needed.map(([name, of]) => [
    name,
    of === kind ? value : own[name] === of ? `$request.path.${name}` : null,
  ]);
  return given.some(([, from]) => from === null) ? null : Object.fromEntries(given);
}
