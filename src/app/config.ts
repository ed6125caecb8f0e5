import { isIP } from "node:net";
import { resolve } from "node:path";
import { Cron } from "croner";
import { z } from "zod";
import { addressProblem } from "../database/address.ts";
import { parseSecretKeys, type SecretKey } from "../database/secret-keys.ts";
import { type AddressRange, parseRange } from "../egress/address.ts";
import { providers } from "../providers/registry.ts";
import { type TracingConfig, tracingConfigOf, tracingReaders } from "../tracing/variables.ts";
import { httpUrl } from "./http-url.ts";
import { variables } from "./variables.ts";

const roles = ["receiver", "worker"] as const;
export type Role = (typeof roles)[number];
const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export type Config = {
  /** null: the embedded database under `dataDir`. */
  databaseUrl: string | null;
  /** Absolute path. */
  dataDir: string;
  /** Address or name to listen on. */
  host: string;
  /** TCP port; 0 lets the system choose (tests). */
  port: number;
  /** Base of the callback URLs, without a slash at its end. With `publicUrlIsDefault` and port 0, derive it anew once bound. */
  publicUrl: string;
  publicUrlIsDefault: boolean;
  roles: ReadonlySet<Role>;
  /** null: generated (see ensureGeneratedKeys); never null with `databaseUrl`. */
  adminKey: string | null;
  /** The first one writes, all of them read. null: generated; never null with `databaseUrl`. */
  secretKeys: SecretKey[] | null;
  trustedProxies: AddressRange[];
  egressAllow: AddressRange[];
  /** Five or six fields, UTC; null: no scheduled passes. */
  reconcileCron: string | null;
  /** Days. */
  retentionDays: number;
  logLevel: LogLevel;
  /** Directory with `postgres`, `initdb`; null: the bundled ones. */
  pgBinDir: string | null;
  /** null: no traces. */
  tracing: TracingConfig | null;
  /** What does not stop the start but should be read, one sentence each. */
  warnings: string[];
};

const ranges = z.string().transform((text, ctx) =>
  listOf(text).flatMap(item => {
    const range = parseRange(item);
    if (range === null)
      ctx.addIssue(`write CIDRs separated by commas, such as 10.0.0.0/8,fd00::/8 ("${item}" is none)`);
    return range ?? [];
  }),
);

const port = whole(0, 65535, "write a port from 1 to 65535, or 0 for any free one");
const durationDays = whole(1, 36500, "write a whole number of days from 1 to 36500");

const publicUrl = httpUrl("the http or https URL under which providers reach this program", "https://pay.example.com");

const readers = z.object({
  // The message never repeats the text: it may hold a password.
  DATABASE_URL: z
    .string()
    .transform((text, ctx) => {
      const problem = addressProblem(text);
      if (problem !== null) ctx.addIssue(problem);
      return text;
    })
    .nullable(),
  HAKIKA_DATA_DIR: z.string().transform(text => resolve(text)),
  HOST: z
    .string()
    .refine(
      text => isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text),
      "write an address such as 0.0.0.0",
    ),
  PORT: port,
  HAKIKA_PUBLIC_URL: publicUrl.nullable(),
  HAKIKA_ROLES: z.string().transform((text, ctx): ReadonlySet<Role> => {
    const named = listOf(text);
    const known = roles.filter(role => named.includes(role));
    if (known.length === 0 || named.some(name => !roles.includes(name as Role))) {
      ctx.addIssue(`write receiver, worker, or both separated by a comma ("${text}" is none of these)`);
    }
    return new Set(known);
  }),
  HAKIKA_ADMIN_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{32,}$/, "write at least 32 letters, digits or signs without spaces")
    .nullable(),
  HAKIKA_SECRET_KEY: z
    .string()
    .transform((text, ctx) => {
      const keys = parseSecretKeys(text);
      if (keys !== null) return keys;
      ctx.addIssue("write 32 random bytes in base64 (openssl rand -base64 32), or id:key,id:key with different ids");
      return z.NEVER;
    })
    .nullable(),
  HAKIKA_TRUSTED_PROXIES: ranges,
  HAKIKA_EGRESS_ALLOW: ranges,
  HAKIKA_RECONCILE_CRON: z.string().transform((text, ctx) => {
    if (text.toLowerCase() === "off") return null;
    if (!isCron(text)) ctx.addIssue(`write five cron fields, such as */5 * * * *, or off ("${text}" never runs)`);
    return text;
  }),
  HAKIKA_RETENTION_DAYS: durationDays,
  LOG_LEVEL: z.enum(logLevels, `write one of ${logLevels.join(", ")}`),
  PG_BIN_DIR: z
    .string()
    .transform(text => resolve(text))
    .nullable(),
  ...tracingReaders,
} satisfies Record<keyof typeof variables, z.ZodType>);

/**
 * Reads the environment; the only place that does. An empty variable counts as not set. Either everything is right, or each
 * problem is listed as `NAME: what to write instead`, never with a secret's text.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
): { ok: true; config: Config } | { ok: false; problems: string[] } {
  const texts = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, env[name]?.trim() || variable.default]),
  );
  const read = readers.safeParse(texts);
  const problems = (read.error?.issues ?? []).map(issue => `${issue.path.join(".")}: ${issue.message}`);
  for (const name of ["HAKIKA_ADMIN_KEY", "HAKIKA_SECRET_KEY"] as const) {
    if (texts.DATABASE_URL != null && texts[name] == null) {
      problems.push(`${name}: with DATABASE_URL it must be set, the same for every process (${variables[name].means})`);
    }
  }
  if (!read.success || problems.length > 0) return { ok: false, problems };
  const values = read.data;
  const host = isIP(values.HOST) === 6 ? `[${values.HOST}]` : values.HOST;
  const publicUrl = values.HAKIKA_PUBLIC_URL ?? `http://${host}:${values.PORT}`;
  return {
    ok: true,
    config: {
      databaseUrl: values.DATABASE_URL,
      dataDir: values.HAKIKA_DATA_DIR,
      host: values.HOST,
      port: values.PORT,
      publicUrl,
      publicUrlIsDefault: values.HAKIKA_PUBLIC_URL === null,
      roles: values.HAKIKA_ROLES,
      adminKey: values.HAKIKA_ADMIN_KEY,
      secretKeys: values.HAKIKA_SECRET_KEY,
      trustedProxies: values.HAKIKA_TRUSTED_PROXIES,
      egressAllow: values.HAKIKA_EGRESS_ALLOW,
      reconcileCron: values.HAKIKA_RECONCILE_CRON,
      retentionDays: values.HAKIKA_RETENTION_DAYS,
      logLevel: values.LOG_LEVEL,
      pgBinDir: values.PG_BIN_DIR,
      tracing: tracingConfigOf(values),
      warnings: [...urlWarnings(publicUrl), ...unknownWarnings(env)],
    },
  };
}

/** Words in the public URL that a provider refuses in callback URLs. */
function urlWarnings(publicUrl: string): string[] {
  const url = publicUrl.toLowerCase();
  return [...providers.values()].flatMap(({ name, refusedUrlWords = [] }) =>
    refusedUrlWords
      .filter(word => url.includes(word))
      .map(
        word => `HAKIKA_PUBLIC_URL: ${name} refuses callback URLs that contain "${word}"; choose another host or path`,
      ),
  );
}

/** A misspelt name would otherwise be a setting that silently does nothing. */
function unknownWarnings(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter(name => name.startsWith("HAKIKA_") && !Object.hasOwn(variables, name))
    .map(name => `${name}: no such variable; it changes nothing`);
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map(item => item.trim())
    .filter(item => item !== "");
}

function whole(min: number, max: number, message: string) {
  return z
    .string()
    .regex(/^\d{1,6}$/, message)
    .transform(Number)
    .refine(value => value >= min && value <= max, message);
}

function isCron(text: string): boolean {
  try {
    return new Cron(text, { paused: true, mode: "5-or-6-parts", timezone: "UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

/** `hakika start`, `exec node bin/hakika.js start`, or npx's `'hakika'`; nothing that goes to the background or beside other commands. */
const ownScript = /^(exec )?(node (-\S+ )*)?['"]?[^\s'"&;|]*hakika(\.js)?['"]?( [^&;|]*)?$/;

/**
 * Whether npm or npx started this process itself. Their variables are inherited by whatever their script starts in turn: tests, a
 * process manager, a shell that leaves a server in the background and ends.
 */
export function isStartedByNpm(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.npm_command !== undefined && ownScript.test(env.npm_lifecycle_script?.trim() ?? "");
}
