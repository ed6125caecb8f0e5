export type JsonSchema = Record<string, unknown>;

/** The parts of an OpenAPI document that the reference page shows. */
export type OpenApiDocument = {
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  webhooks: Record<string, { post: OpenApiOperation }>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, OpenApiResponse> };
};

export type OpenApiOperation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: OpenApiParameter[];
  requestBody?: { content: { "application/json": { schema: JsonSchema; example?: unknown } } };
  responses: Record<string, OpenApiResponse | { $ref: string }>;
};

export type OpenApiParameter = {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: JsonSchema;
};

export type OpenApiResponse = {
  description: string;
  content?: Record<string, { schema?: JsonSchema; example?: unknown }>;
};

/** The name that a reference such as `#/components/schemas/Transaction` ends with. */
export function nameOfReference(reference: string): string {
  return reference.split("/").at(-1)!;
}
