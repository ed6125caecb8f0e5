import { z } from "zod";

/** Calls that take no body, and lists of no parameters, refuse whatever is sent all the same. */
export const emptyBody = z.strictObject({});
export const emptyQuery = z.strictObject({});
