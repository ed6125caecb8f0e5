import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type Config, isStartedByNpm, loadConfig } from "../../src/app/config.ts";
import { variables } from "../../src/app/variables.ts";

const secretKey = randomBytes(32).toString("base64");
const adminKey = "k".repeat(32);

function configOf(env: Record<string, string>): Config {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.config;
}

function problemsOf(env: Record<string, string>): string[] {
  const loaded = loadConfig(env);
  return loaded.ok ? [] : loaded.problems;
}

describe("an empty environment", () => {
  test("is enough to start", () => {
    expect(configOf({})).toEqual({
      databaseUrl: null,
      databaseDirectUrl: null,
      dataDir: resolve("data"),
      host: "127.0.0.1",
      port: 8080,
      adminListen: null,
      publicUrl: "http://127.0.0.1:8080",
      publicUrlIsDefault: true,
      roles: new Set(["receiver", "worker"]),
      processes: 1,
      adminKey: null,
      secretKeys: null,
      trustedProxies: [],
      egressAllow: [],
      reconcileCron: "*/1 * * * *",
      retentionDays: 90,
      limits: { endpoints: 50, connections: 100, keys: 50, callsPerS: 100 },
      logLevel: "info",
      personalDataDays: 0,
      pgBinDir: null,
      mailServer: null,
      timeZone: "Africa/Nairobi",
      tracing: null,
      warnings: [],
    });
  });

  test("equals an environment of empty variables", () => {
    const empty = Object.fromEntries(Object.keys(variables).map(name => [name, " "]));
    expect(configOf(empty)).toEqual(configOf({}));
  });
});

describe("a configuration", () => {
  test("is read in full", () => {
    const config = configOf({
      DATABASE_URL: "postgres://hakika:pass@db.internal:5432/hakika",
      HOST: "::1",
      PORT: "0",
      HAKIKA_ROLES: "worker",
      HAKIKA_ADMIN_KEY: adminKey,
      HAKIKA_SECRET_KEY: `new:${secretKey},old:${randomBytes(32).toString("base64")}`,
      HAKIKA_TRUSTED_PROXIES: "10.0.0.0/8, fd00::/8",
      HAKIKA_EGRESS_ALLOW: "127.0.0.1",
      HAKIKA_RECONCILE_CRON: "off",
      HAKIKA_RETENTION_DAYS: "7",
      LOG_LEVEL: "silent",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%3Db%20c",
      OTEL_SERVICE_NAME: "hakika-east",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=staging, team=pay",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    });
    expect(config).toMatchObject({ port: 0, publicUrl: "http://[::1]:0", reconcileCron: null, retentionDays: 7 });
    expect([...config.roles]).toEqual(["worker"]);
    expect(config.tracing).toEqual({
      url: "http://localhost:4318/v1/traces",
      headers: { "x-key": "a=b c" },
      serviceName: "hakika-east",
      resource: { "deployment.environment.name": "staging", team: "pay" },
      sampler: "parentbased_traceidratio",
      ratio: 0.25,
    });
    expect(config.secretKeys?.map(key => key.id)).toEqual(["new", "old"]);
    expect(config.secretKeys?.[0]?.key.toString("base64")).toBe(secretKey);
    expect(config.trustedProxies.map(range => `${range.address}/${range.bits}`)).toEqual(["10.0.0.0/8", "fd00::/8"]);
    expect(config.egressAllow.map(range => range.bits)).toEqual([32]);
  });

  test("keeps no slash at the end of the public URL", () => {
    expect(configOf({ HAKIKA_PUBLIC_URL: "https://pay.example.com/hooks//" }).publicUrl).toBe(
      "https://pay.example.com/hooks",
    );
  });

  test.each([
    ["HAKIKA_ROLES", "receiver,sender"],
    ["PORT", "65536"],
    ["PORT", "80a"],
    ["HOST", "http://localhost"],
    ["HAKIKA_ADMIN_LISTEN", "9090"],
    ["HAKIKA_ADMIN_LISTEN", "127.0.0.1:65536"],
    ["HAKIKA_ADMIN_LISTEN", "::1:9090"],
    ["HAKIKA_ADMIN_LISTEN", "[10.0.0.1]:9090"],
    ["HAKIKA_ADMIN_LISTEN", "127.0.0.1:8080"],
    ["DATABASE_URL", "mysql://db"],
    ["DATABASE_URL", "postgres://user:pass@db:99999/hakika"],
    ["DATABASE_URL", "postgres://user:pa[ss@[::1/hakika"],
    ["DATABASE_URL", "postgres://user:100%@db/hakika"],
    ["DATABASE_URL", "postgres://db/hakika?sslrootcert=/not/there.pem"],
    ["DATABASE_DIRECT_URL", "postgres://db/hakika"],
    ["HAKIKA_PUBLIC_URL", "pay.example.com"],
    ["HAKIKA_PUBLIC_URL", "https://user:pass@pay.example.com"],
    ["HAKIKA_PUBLIC_URL", "https://pay.example.com/?a=b"],
    ["HAKIKA_ADMIN_KEY", "k".repeat(31)],
    ["HAKIKA_ADMIN_KEY", `${"k".repeat(31)} k`],
    ["HAKIKA_SECRET_KEY", randomBytes(31).toString("base64")],
    ["HAKIKA_SECRET_KEY", `a:${secretKey},a:${secretKey}`],
    ["HAKIKA_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["HAKIKA_EGRESS_ALLOW", "localhost"],
    ["HAKIKA_EGRESS_ALLOW", "0177.0.0.1"],
    ["HAKIKA_RECONCILE_CRON", "every minute"],
    ["HAKIKA_RECONCILE_CRON", "0 0 31 2 *"],
    ["HAKIKA_RETENTION_DAYS", "0"],
    ["LOG_LEVEL", "verbose"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://localhost:4317"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://user:pass@collector.example.com"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "x-key"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "x key=1"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "x-key=%0d%0aevil"],
    ["OTEL_RESOURCE_ATTRIBUTES", "team=%zz"],
    ["OTEL_TRACES_SAMPLER", "sometimes"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
  ])("names %s when it cannot be read (%s)", (name, text) => {
    expect(problemsOf({ [name]: text }).filter(problem => problem.startsWith(`${name}: `))).toHaveLength(1);
  });

  test("lists every problem at once, missing variables included", () => {
    const problems = problemsOf({ DATABASE_URL: "postgres://db/hakika", PORT: "x", LOG_LEVEL: "loud" });
    expect(problems.map(problem => problem.split(":")[0]).sort()).toEqual([
      "HAKIKA_ADMIN_KEY",
      "HAKIKA_SECRET_KEY",
      "LOG_LEVEL",
      "PORT",
    ]);
  });

  test("repeats no secret in a problem", () => {
    const secret = "hunter2hunter2";
    const problems = problemsOf({
      DATABASE_URL: `mysql://user:${secret}@db`,
      DATABASE_DIRECT_URL: `mysql://user:${secret}@db`,
      HAKIKA_ADMIN_KEY: secret,
      HAKIKA_SECRET_KEY: secret,
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://collector:${secret}@example.com`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key ${secret}`,
    });
    expect(problems).toHaveLength(6);
    expect(problems.join("\n")).not.toContain(secret);
    expect(problemsOf({ DATABASE_URL: `postgres://user:${secret}@db:99999/hakika` }).join()).not.toContain(secret);
  });

  test("warns of a public URL that Daraja refuses, and still starts", () => {
    expect(configOf({ HAKIKA_PUBLIC_URL: "https://example.com/M-Pesa" }).warnings.join()).toContain('"m-pesa"');
    expect(configOf({ HAKIKA_PUBLIC_URL: "https://safaricom.example.com" }).warnings.join()).toContain('"safaricom"');
    expect(configOf({ HAKIKA_PUBLIC_URL: "https://pay.example.com" }).warnings).toEqual([]);
  });

  test("warns of a misspelt variable", () => {
    expect(configOf({ HAKIKA_EGRES_ALLOW: "10.0.0.0/8" }).warnings).toHaveLength(1);
  });
});

test("every variable says what it means, and what its absence means", () => {
  for (const variable of Object.values(variables)) {
    expect(variable.means).not.toBe("");
    expect(variable.default || ("unset" in variable && variable.unset)).toBeTruthy();
  }
});

test("a process is started by npm only if it is npm's script itself, not a child of that script", () => {
  const startedBy = (script: string) => isStartedByNpm({ npm_command: "run", npm_lifecycle_script: script });
  const own = [
    "exec node bin/hakika.js start",
    "'hakika'",
    "hakika start --json",
    "node --enable-source-maps bin/hakika.js start",
  ];
  const others = ["vitest run", "./up.sh", "pm2 start hakika", "nohup hakika start &", "hakika start & sleep 9", ""];
  expect(own.filter(script => !startedBy(script))).toEqual([]);
  expect(others.filter(startedBy)).toEqual([]);
  expect(isStartedByNpm({})).toBe(false);
});
