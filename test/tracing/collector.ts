import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export type SeenSpan = {
  name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  startMs: number;
  endMs: number;
  isError: boolean;
  attributes: Record<string, unknown>;
  links: { traceId: string; attributes: Record<string, unknown> }[];
  resource: Record<string, unknown>;
};

export type Collector = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: SeenSpan[];
  /** Everything it received: paths, headers, bodies. */
  bytes(): string;
  requests(): number;
  /** Resolves with the first span that `fits`, received already or later. */
  until(fits: (span: SeenSpan) => boolean): Promise<SeenSpan>;
  close(): Promise<void>;
};

/** `well`: as a collector answers. `refusing`: with an error. `hanging`: not at all. */
type Manner = "well" | "refusing" | "hanging";

/** A collector of OTLP/HTTP in JSON. */
export async function startCollector(manner: Manner = "well"): Promise<Collector> {
  const watchers = new Set<() => void>();
  const spans: SeenSpan[] = [];
  let seen = "";
  let requests = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", chunk => chunks.push(chunk));
    request.on("end", () => {
      requests += 1;
      const raw = Buffer.concat(chunks);
      const body = (request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString("utf8");
      seen += `${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${body}\n`;
      if (manner === "hanging") return;
      if (manner === "refusing") {
        response.writeHead(400).end();
        return;
      }
      spans.push(...spansIn(JSON.parse(body)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      for (const look of [...watchers]) look();
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes: () => seen,
    requests: () => requests,
    until: fits =>
      new Promise(resolve => {
        const look = () => {
          const found = spans.find(fits);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON, looked into.
type Json = any;

function spansIn(request: Json): SeenSpan[] {
  return request.resourceSpans.flatMap((group: Json) =>
    group.scopeSpans.flatMap((scope: Json) =>
      scope.spans.map((span: Json) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || null,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        isError: span.status?.code === 2,
        attributes: valuesOf(span.attributes),
        links: (span.links ?? []).map((l: Json) => ({ traceId: l.traceId, attributes: valuesOf(l.attributes) })),
        resource: valuesOf(group.resource.attributes),
      })),
    ),
  );
}

function valuesOf(attributes: Json[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: Json): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}
