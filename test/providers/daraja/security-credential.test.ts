import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { expect, test } from "vitest";
import { securityCredential } from "../../../src/providers/daraja/security-credential.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const certificate = publicKey.export({ type: "spki", format: "pem" }) as string;

/** Self-signed for `provider.example`; its private key was thrown away. */
const x509 = `-----BEGIN CERTIFICATE-----
MIIDGTCCAgGgAwIBAgIUfKsGrI6zIVMlAqgCmo5zUQssBf4wDQYJKoZIhvcNAQEL
BQAwGzEZMBcGA1UEAwwQcHJvdmlkZXIuZXhhbXBsZTAgFw0yNjExMjAyMjE1NTBa
GA8yMTI2MTAyNzIyMTU1MFowGzEZMBcGA1UEAwwQcHJvdmlkZXIuZXhhbXBsZTCC
ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALhA/+bnOPhurdrTaPTzTGyM
lb5xKQktAqPLbDDlF1K3YNfl+TzKyJfz6gGVi2UjNmcVhBJ3taMjXVAPhEdypryK
TIMdjWkBSVPtGEBHXlJ1WpiFak2YSDbC5LsThLbY9TN49JRRTRmkMlNLD7S0gqQe
yax5zCEhtEugEHuQAl8VsgUiFfzRP6hciHOUxtjmX4jteMEoZPMYNOnGEydUs8Ax
Wdn+6lmRoeK86kyQvzDhS6SXmWY8yx0aM7cCB6/5zz/OhR0n67Sczpu8Pw5WU+OV
XpXTp6dIVldE445d6Ybme3rKq3tJvteFOLvlNAjtMh/qV5qgp0LbPWMgzTaU7y0C
AwEAAaNTMFEwHQYDVR0OBBYEFFnQAZSlXgP+LFwT+beZrHi3fM6IMB8GA1UdIwQY
MBaAFFnQAZSlXgP+LFwT+beZrHi3fM6IMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZI
hvcNAQELBQADggEBAK8sFzPQTXIbLTA1WxZIrwkAi3ZctwMj3p0dqL9GsZDNz815
0mlP4eyM+WH/rTT/mYekNlOcsKV+cATsipvaJ4fpKmN/JdI0aheLaH8FWrGURfq5
ZqwpEDDfcG3PdK8va66g6OjTkKiP0R5KV05sAKei/j5nWd/MJ3SwKgolIe6zFlMB
84jeLSf7Sg+ZUojb/9wSpsDZKXAj/QjWY5xlD/gxrbbYS209LUhV0oxqIIFuowYQ
zQxp4wI4xDOUHJKf0Kv8uIA2qM3+lxXC+RRzFzIy3OHxtJrwcz9IrWm4DC37b6Rg
xi7gExmlh2qQv0SkzuIE2ARxyDX3bj+Uu6Y4pig=
-----END CERTIFICATE-----
`;

/** PKCS#1 v1.5 by hand (RFC 8017, 7.2.2): newer Node refuses to take the padding off itself. */
function opened(credential: string): string {
  const padded = privateDecrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.from(credential, "base64"),
  );
  expect([...padded.subarray(0, 2)]).toEqual([0, 2]);
  const end = padded.indexOf(0, 2);
  expect(end).toBeGreaterThanOrEqual(10);
  return padded.subarray(end + 1).toString();
}

test("a credential that was given is sent as it is", () => {
  expect(securityCredential({ security_credential: "given==", initiator_password: "x", certificate })).toBe("given==");
});

test("a password is encrypted with the certificate, by PKCS#1 v1.5", () => {
  const credential = securityCredential({ initiator_password: "Safaricom999!*!", certificate })!;
  expect(opened(credential)).toBe("Safaricom999!*!");
});

test("an X.509 certificate is read, whatever white space is around it", () => {
  const credential = securityCredential({ initiator_password: "pa55", certificate: `\n${x509}\n` })!;
  expect(Buffer.from(credential, "base64")).toHaveLength(256);
});

test.each([
  ["no certificate", ""],
  ["text", "certificate"],
  ["a broken certificate", x509.slice(0, 400)],
  ["a key that is not RSA", generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string],
])("%s encrypts nothing, and throws nothing", (_name, pem) => {
  expect(securityCredential({ initiator_password: "pa55", certificate: pem })).toBeNull();
});

test("a password longer than the key encrypts nothing", () => {
  expect(securityCredential({ initiator_password: "x".repeat(300), certificate })).toBeNull();
});
