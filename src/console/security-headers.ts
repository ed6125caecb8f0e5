import { secureHeaders } from "hono/secure-headers";

const secure = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  // With `no-referrer`, browsers send forms with `Origin: null`.
  referrerPolicy: "same-origin",
  // The proxy that ends TLS decides about HSTS.
  strictTransportSecurity: false,
});

/** The headers of every page: nothing foreign is loaded, nothing is framed, and no cache keeps a merchant's data. */
export const securityHeaders: typeof secure = async (c, next) => {
  c.header("cache-control", "no-store");
  return secure(c, next);
};
