import type { operations as table } from "./generated/operations.ts";
import type { operations } from "./generated/schema.ts";
import type { ListCall } from "./list-call.ts";
import type { CallOptions } from "./send.ts";

type Table = typeof table;
export type OperationName = keyof Table & keyof operations;

type Json<Content> = Content extends { "application/json": infer Body } ? Body : never;
type Responses<Name extends OperationName> = operations[Name]["responses"];
type Success<Name extends OperationName> = {
  [Status in keyof Responses<Name> & (200 | 201 | 202)]: Responses<Name>[Status] extends { content: infer Content }
    ? Json<Content>
    : never;
}[keyof Responses<Name> & (200 | 201 | 202)];

/** What a call answers. */
export type ResultOf<Name extends OperationName> = Table[Name]["gives"] extends "json"
  ? Success<Name>
  : Table[Name]["gives"] extends "text"
    ? string
    : Table[Name]["gives"] extends "bytes"
      ? Uint8Array
      : undefined;

type Query<Name extends OperationName> = operations[Name]["parameters"] extends { query?: infer Parameters }
  ? NonNullable<Parameters>
  : Record<string, never>;
type Body<Name extends OperationName> = operations[Name] extends { requestBody?: infer Request }
  ? NonNullable<Request> extends { content: infer Content }
    ? Json<Content>
    : never
  : never;

type IdArguments<Ids extends readonly string[]> = { -readonly [At in keyof Ids]: string };
type Rest<Name extends OperationName> = Table[Name]["takes"] extends "body"
  ? Record<never, never> extends Body<Name>
    ? [body?: Body<Name>, options?: CallOptions]
    : [body: Body<Name>, options?: CallOptions]
  : Table[Name]["takes"] extends "file"
    ? [query: Query<Name>, file: { bytes: Uint8Array | string; type: string }, options?: CallOptions]
    : Table[Name]["takes"] extends "query"
      ? Record<never, never> extends Query<Name>
        ? [query?: Query<Name>, options?: CallOptions]
        : [query: Query<Name>, options?: CallOptions]
      : [options?: CallOptions];

/** The arguments of a call: its ids in the order of the path, then its body or query, then options. */
export type ArgumentsOf<Name extends OperationName> = [...ids: IdArguments<Table[Name]["ids"]>, ...rest: Rest<Name>];

type IsList<Result> = Result extends { data: infer Items; next_cursor: string | null }
  ? Items extends (infer Item)[]
    ? ListCall<Item, Result & { data: Item[]; next_cursor: string | null }>
    : never
  : Promise<Result>;

type Method<Name extends OperationName> = (...args: ArgumentsOf<Name>) => IsList<ResultOf<Name>>;

type NamesOf<Group extends string> = {
  [Name in OperationName]: Table[Name]["group"] extends Group ? Name : never;
}[OperationName];

/** Every call of the API: `client.transactions.get(id)`. */
export type Calls = {
  [Group in Table[OperationName]["group"]]: {
    [Name in NamesOf<Group> as Table[Name]["action"]]: Method<Name>;
  };
};
