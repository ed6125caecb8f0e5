import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { variables } from "../../src/app/variables.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { complaintsOf, deployed, documentsOf, isHere, type Loaded, textOf, yamlOf } from "./files.ts";

const files = [
  ...["compose/compose.yaml", "compose/Caddyfile", "kubernetes/hakika.yaml", "systemd/hakika.service"],
  ...["nginx/hakika.conf", "caddy/Caddyfile"],
];

test("every variable that a file sets exists", () => {
  const named = files.flatMap(name => textOf(name).match(/\b(?:HAKIKA_[A-Z_]+|DATABASE_URL\w*)\b/g) ?? []);
  const isKnown = (name: string) =>
    Object.hasOwn(variables, name) || Object.hasOwn(variables, name.replace(/_FILE$/, ""));
  expect([...new Set(named)].filter(name => !isKnown(name))).toEqual([]);
});

test("compose runs two receivers, two workers, PostgreSQL and Caddy, and only Caddy is public", () => {
  const { services, networks, secrets, volumes } = yamlOf("compose/compose.yaml");
  const roles = Object.values<Loaded>(services).map(({ environment }) => environment?.HAKIKA_ROLES);
  expect(roles.filter(role => role === "receiver")).toHaveLength(2);
  expect(roles.filter(role => role === "worker")).toHaveLength(2);
  expect(Object.keys(services)).toEqual(expect.arrayContaining(["postgres", "caddy"]));
  const published = Object.entries<Loaded>(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port: string) => [name, port]),
  );
  expect(published.filter(([name, port]) => name !== "caddy" && !port.startsWith("127.0.0.1:"))).toEqual([]);
  for (const [name, service] of Object.entries<Loaded>(services)) {
    for (const each of service.networks) expect(Object.keys(networks), name).toContain(each);
    for (const each of service.secrets ?? []) expect(Object.keys(secrets), name).toContain(each);
    for (const each of (service.volumes ?? []).filter((each: string) => !each.startsWith("."))) {
      expect(Object.keys(volumes), name).toContain(each.split(":")[0]);
    }
    if (service.environment?.HAKIKA_ROLES) expect(service.stop_grace_period, name).toBe("60s");
  }
  // Caddy reaches receivers by one network, the one whose addresses are trusted.
  const common = services.caddy.networks.filter((each: string) => services["receiver-1"].networks.includes(each));
  expect(common).toEqual(["inside"]);
  expect(services["receiver-1"].environment.HAKIKA_TRUSTED_PROXIES).toBe(networks.inside.ipam.config[0].subnet);
});

test("Kubernetes' objects fit together", () => {
  const documents = documentsOf("kubernetes/hakika.yaml");
  const pods = documents.filter(({ spec }) => spec?.template);
  expect(pods.map(({ kind, spec }) => [kind, spec.replicas])).toEqual([
    ["StatefulSet", 2],
    ["Deployment", 2],
  ]);
  const fits = (selector: Loaded) => pods.filter(pod => contains(pod.spec.template.metadata.labels, selector));
  for (const { kind, metadata, spec } of documents) {
    expect(metadata.namespace, kind).toBe("hakika");
    const selector = spec?.selector?.matchLabels ?? spec?.selector;
    if (selector) expect(fits(selector), metadata.name).toHaveLength(1);
    if (kind === "Service") {
      const ports = fits(spec.selector)[0].spec.template.spec.containers[0].ports.map(({ name }: Loaded) => name);
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    }
  }
  for (const { spec } of pods) {
    const { containers, securityContext, terminationGracePeriodSeconds } = spec.template.spec;
    expect([securityContext.runAsNonRoot, terminationGracePeriodSeconds]).toEqual([true, 60]);
    expect(containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(containers[0].image).not.toMatch(/:latest$|^[^:]+$/);
  }
  const { spec } = documents.find(({ kind }) => kind === "Ingress")!;
  expect(spec.rules[0].http.paths.map(({ path: at }: Loaded) => at)).toEqual(["/in", "/v1", "/openapi.json"]);
});

const contains = (labels: Loaded, selector: Loaded) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

test("a proxy hands on where a request came from, and nothing that its sender wrote", () => {
  const nginx = textOf("nginx/hakika.conf").replace(/#.*$/gm, "");
  expect(nginx).toContain("proxy_set_header X-Forwarded-For $remote_addr;");
  expect(nginx).not.toContain("$proxy_add_x_forwarded_for");
  for (const name of ["caddy/Caddyfile", "compose/Caddyfile"]) {
    expect(textOf(name).replace(/#.*$/gm, ""), name).not.toMatch(/trusted_proxies|header_up/);
  }
});

test.skipIf(!isHere("nginx", "-v"))("nginx takes its file", () => {
  const folder = newDataFolder();
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => path.join(folder, name);
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
      ...["-subj", "/CN=pay.example.com", "-keyout", at("key.pem"), "-out", at("cert.pem")],
    ],
    { stdio: "ignore" },
  );
  const server = textOf("nginx/hakika.conf")
    .replace("/etc/ssl/pay.example.com.pem", at("cert.pem"))
    .replace("/etc/ssl/pay.example.com.key", at("key.pem"));
  writeFileSync(
    at("nginx.conf"),
    `pid ${at("pid")};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${server}\n}\n`,
  );
  expect(complaintsOf("nginx", "-t", "-c", at("nginx.conf"))).toBe("");
});

test.skipIf(!isHere("caddy", "version"))("Caddy takes its files", () => {
  for (const name of ["caddy/Caddyfile", "compose/Caddyfile"]) {
    expect(complaintsOf("caddy", "adapt", "--adapter", "caddyfile", "--config", deployed(name))).toBe("");
  }
});

test.skipIf(!isHere("systemd-analyze", "--version"))("systemd takes the unit", () => {
  const complaints = complaintsOf("systemd-analyze", "verify", deployed("systemd/hakika.service"));
  // The program is elsewhere here, and so may node be.
  expect(
    complaints.split("\n").filter(line => line.includes("hakika.service") && !/not executable|No such file/.test(line)),
  ).toEqual([]);
});
