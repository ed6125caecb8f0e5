import { z } from "zod";

/** For calls without a body or without query parameters: any field is refused. */
export const emptyBody = z.strictObject({});
export const emptyQuery = z.strictObject({});
