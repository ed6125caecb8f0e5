import { roles, scopes } from "../src/api/caller.ts";
import { roleOf, scopeOf } from "../src/api/permission.ts";
import { routes } from "../src/api/routes.ts";
import { variables } from "../src/app/variables.ts";
import { run } from "../src/cli/main.ts";
import { decide } from "../src/domain/decide/decide.ts";
import { eventFamilies, ownEventTypes } from "../src/domain/events.ts";
import type { Evidence } from "../src/domain/evidence.ts";
import { type Kind, kinds, statuses } from "../src/domain/kinds.ts";
import { messageTypesOf } from "../src/providers/names.ts";
import type { Channel, Provider } from "../src/providers/provider.ts";
import { providers } from "../src/providers/registry.ts";
import { limits } from "../src/telemetry/limits.ts";
import { rooms } from "../test/architecture/rooms.ts";
import { eventSections } from "./event-examples.ts";

/** What stands between `<!-- generated: NAME -->` and `<!-- /generated -->` in the documents, by name. */
export async function tables(): Promise<Record<string, string>> {
  const all = [...providers.values()];
  return {
    variables: variablesTable(),
    rooms: roomsTable(),
    providers: providersTable(all),
    "event types": eventTypesTable(),
    commands: await commandsTable(),
    "who may call": callersTable(),
    limits: limitsTable(),
    "event examples": eventSections(),
    starts: startsTable(all),
    ...Object.fromEntries(all.map(provider => [`credentials of ${provider.id}`, credentialsTable(provider)])),
    ...Object.fromEntries(all.map(provider => [`channels of ${provider.id}`, channelsTable(provider)])),
    ...Object.fromEntries(all.map(provider => [`kinds of ${provider.id}`, kindsTable(provider)])),
  };
}

function variablesTable(): string {
  type Row = { default: string | null; unset?: string; means: string };
  return table(
    ["Variable", "Default", "Means"],
    Object.entries(variables as Record<string, Row>).map(([name, row]) => [
      code(name),
      row.unset ?? code(row.default ?? ""),
      row.means,
    ]),
  );
}

/** Every call with each scope of a merchant's key and each role of an operator; the admin key may make them all. */
function callersTable(): string {
  const yes = (allowed: boolean) => (allowed ? "yes" : "403");
  return table(
    ["Call", ...scopes.map(code), ...roles.map(role => `operator ${code(role)}`)],
    routes.map(route => [
      code(`${route.method} ${route.path}`),
      ...scopes.map(scope => yes(route.access === "any" && scopeOf(route) === scope)),
      ...roles.map((_, at) => yes(at >= roles.indexOf(roleOf(route)))),
    ]),
  );
}

function limitsTable(): string {
  return table(
    ["`limit`", "Bounds", "Beyond it"],
    Object.entries(limits).map(([name, { bounds, answer }]) => [code(name), bounds, answer]),
  );
}

function roomsTable(): string {
  return table(
    ["Below `src/`", "Holds", "May import"],
    Object.entries(rooms).map(([name, { holds, mayImport }]) => {
      const inside = mayImport.filter(item => !item.startsWith("pkg:"));
      return [code(name), holds, inside.length === 0 ? "nothing of the program" : inside.map(code).join(", ")];
    }),
  );
}

function providersTable(all: Provider[]): string {
  return table(
    ["Provider", "Channels", "What settles", "Status call"],
    all.map(provider => [
      `[${provider.name}](docs/providers/${provider.id}.md) ${code(provider.id)}`,
      Object.keys(provider.channels).map(code).join(", "),
      whatSettles(provider),
      statusCallOf(provider),
    ]),
  );
}

function startsTable(all: Provider[]): string {
  return table(
    ["Provider", "Kind", "Options; required ones in bold"],
    all.flatMap(({ id, name, start }) =>
      Object.entries(start?.kinds ?? {}).map(([kind, { options }]) => [
        `[${name}](providers/${id}.md)`,
        code(kind),
        Object.entries(options)
          .map(([option, { required, means }]) => `${required ? `**${code(option)}**` : code(option)}: ${means}`)
          .join("<br>") || "none",
      ]),
    ),
  );
}

function whatSettles({ kinds: own }: Provider): string {
  const byItself = own.filter(settlesByItself);
  const matched = own.filter(kind => !settlesByItself(kind));
  return [
    matched.length > 0 ? `${matched.map(code).join(", ")}: a callback that matches a registration` : "",
    byItself.length > 0 ? `${byItself.map(code).join(", ")}: a callback by itself` : "",
  ]
    .filter(text => text !== "")
    .join("; ");
}

function statusCallOf({ status, pull }: Provider): string {
  if (status === null) return "none";
  const polled = Object.entries(status.kinds);
  const text = polled.map(([kind]) => code(kind)).join(", ");
  const experimental = polled.every(([, { optIn }]) => optIn !== undefined) ? " (experimental, off by default)" : "";
  return `${text}${experimental}${pull === null ? "" : "; statements are pulled where `pull` is on"}`;
}

/** What deciding itself says of a success that came by callback, of an unregistered transaction. */
function settlesByItself(kind: Kind): boolean {
  const success: Evidence = {
    id: "success",
    kind,
    says: "completed",
    refs: {},
    identity: ["receipt:X"],
    source: "callback",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: new Date(0),
  };
  const policy = { settleOn: null, confirmAbove: null, canPoll: false };
  return decide([success], null, policy).status === "completed";
}

function credentialsTable({ credentials }: Provider): string {
  return table(
    ["Credential", "Secret", "Means"],
    credentials.map(({ name, secret, means, verifies }) => [
      code(name),
      secret ? "yes" : "no",
      verifies ? `${means}; callbacks without its signature are refused` : means,
    ]),
  );
}

function channelsTable({ channels }: Provider): string {
  return table(
    ["Channel", "Comes as", "Answer when accepted", "What cannot be read"],
    Object.entries(channels).map(([name, channel]) => [
      code(name),
      comesAs(channel),
      acceptedBy(channel),
      channel.unreadable === null
        ? `${channel.decision ? "answered with its fallback" : "accepted"}, and kept in quarantine`
        : "400 naming the fields, and kept in quarantine",
    ]),
  );
}

/** `JSON`, with the methods where they are not POST alone: `GET or POST: JSON`. */
function comesAs({ methods = ["POST"], forms }: Channel): string {
  const body = forms ? "JSON or a form" : "JSON";
  return methods.join() === "POST" ? body : `${methods.join(" or ")}: ${body}`;
}

function acceptedBy(channel: Channel): string {
  const { body } = channel.accepted({});
  const { decision } = channel;
  if (decision === undefined) return code(body);
  if (decision.type === "ussd.input") return `${code("CON …")} or ${code("END …")}, in the call`;
  const replies = [decision.reply({ accept: true }), decision.reply({ accept: false, reason: "unknown_account" })];
  return `${replies.map(reply => code(reply.body)).join(" or ")}, in the call`;
}

function kindsTable(provider: Provider): string {
  return table(
    ["Kind", "Events", "A callback settles", "Is polled by", "A poll needs"],
    provider.kinds.map(kind => {
      const needs = provider.status?.kinds[kind];
      return [
        code(kind),
        code(`${kinds[kind].family}.*`),
        settlesByItself(kind) ? "by itself" : "where it matches a registration",
        needs ? needs.refs.map(code).join(", ") : "nothing: there is no status call",
        needs
          ? needs.credentials.map(set => [...set, ...credentialOn(needs.optIn)].map(code).join(", ")).join("; or ")
          : "",
      ];
    }),
  );
}

function credentialOn(optIn: string | undefined): string[] {
  return optIn === undefined ? [] : [`${optIn} = on`];
}

function eventTypesTable(): string {
  const ofTransactions = eventFamilies.map(family => {
    const own = Object.entries(kinds).flatMap(([kind, row]) => (row.family === family ? [code(kind)] : []));
    return [code(`${family}.<status>`), own.join(", ")];
  });
  return [
    table(["Type", "Kinds"], ofTransactions),
    `\`<status>\` is one of ${statuses.map(code).join(", ")}. Beside these: ${[...ownEventTypes, ...messageTypesOf(providers.values())].map(code).join(", ")}.`,
  ].join("\n\n");
}

async function commandsTable(): Promise<string> {
  return table(
    ["Command", "Does"],
    (await commands()).map(({ name, does }) => [code(`hakika ${name}`), does]),
  );
}

/** What `hakika --help` lists. */
export async function commands(): Promise<{ name: string; does: string }[]> {
  const help = await helpText([]);
  const listed: { name: string; does: string }[] = [];
  for (const line of help.slice(help.indexOf("\nCommands:")).split("\n").slice(2)) {
    const first = /^ {2}(\S+)\b.*? {2,}(\S.*)$/.exec(line);
    if (first) listed.push({ name: first[1]!, does: first[2]! });
    else if (/^ {4,}\S/.test(line) && listed.length > 0) listed.at(-1)!.does += ` ${line.trim()}`;
    else if (/^\S/.test(line)) break;
  }
  return listed.filter(({ name }) => name !== "help");
}

/** What `hakika <words> --help` prints. */
export async function helpText(words: string[]): Promise<string> {
  const write = process.stdout.write;
  const listening = process.stdout.listeners("error");
  let text = "";
  process.stdout.write = ((chunk: string | Uint8Array) => {
    text += chunk.toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    await run(["node", "hakika", ...words, "--help"]);
  } finally {
    process.stdout.write = write;
    for (const heard of process.stdout.listeners("error")) {
      // Each run minds a closed pipe anew; one run is all a process usually has.
      if (!listening.includes(heard)) process.stdout.removeListener("error", heard as () => void);
    }
  }
  return text;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
