import { defineConfig } from "drizzle-kit";

/** `npm run migration -- --name <what>` writes the next forward-only migration from the schema. */
export default defineConfig({ dialect: "postgresql", schema: "./src/database/schema/*.ts", out: "./migrations" });
