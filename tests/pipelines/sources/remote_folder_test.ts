/** Addresses of folders elsewhere, and what a request to S3 bears, held against Amazon's published examples. */
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { isRemote, remoteFolder, withRemoteOptions } from "../../../pipelines/sources/remote_folder.ts";
import { CREDENTIALS, signatureOf } from "./s3_server.ts";

const none = () => undefined;
const environment = (more: Readonly<Record<string, string>> = {}) => (name: string): string | undefined =>
  ({ ...CREDENTIALS, ...more } as Record<string, string>)[name];

Deno.test("the tests' own signature is that of the examples in Amazon's documentation", () => {
  const scope = "20130524/us-east-1/s3/aws4_request";
  const host = "https://examplebucket.s3.amazonaws.com";
  const date = { "x-amz-date": "20130524T000000Z" };
  const empty = { "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ...date };
  const get = new Headers({ range: "bytes=0-9", ...empty });
  const signed = (method: string, url: string, headers: Headers, names: string) =>
    signatureOf({ method, url: host + url, headers }, names.split(" "), scope);
  assertEquals(
    signed("GET", "/test.txt", get, "host range x-amz-content-sha256 x-amz-date"),
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
  const put = new Headers({
    date: "Fri, 24 May 2013 00:00:00 GMT",
    "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    ...date,
  });
  assertEquals(
    signed("PUT", "/test%24file.text", put, "date host x-amz-content-sha256 x-amz-date x-amz-storage-class"),
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  );
  assertEquals(
    signed("GET", "/?lifecycle", new Headers(empty), "host x-amz-content-sha256 x-amz-date"),
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  );
});

Deno.test("a request to S3 bears the signature that the tests compute by themselves, whatever the key is made of", async () => {
  const folder = remoteFolder(
    "s3://examplebucket/a b/ü+(1)?region=eu-west-3",
    environment({ AWS_SESSION_TOKEN: "to/ken=" }),
  );
  const url = folder.urlOf("train-00000.npz");
  assertEquals(url, "https://examplebucket.s3.eu-west-3.amazonaws.com/a%20b/%C3%BC%2B(1)/train-00000.npz");
  for (
    const more of [{ method: "GET" }, {
      method: "PUT",
      sha256: "ab".repeat(32),
      metadata: { "x-amz-meta-sha256": "ab" },
    }]
  ) {
    const headers = await folder.headersFor({ url, ...more });
    const [, id, scope, names, signature] = /Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
      headers.get("authorization")!,
    )!;
    assertEquals([id, headers.get("x-amz-security-token")], [CREDENTIALS.AWS_ACCESS_KEY_ID, "to/ken="]);
    assertEquals(scope, `${headers.get("x-amz-date")!.slice(0, 8)}/eu-west-3/s3/aws4_request`);
    assertEquals(names.includes("x-amz-meta-sha256"), more.method === "PUT");
    assertEquals(signature, signatureOf({ url, method: more.method, headers }, names.split(";"), scope));
  }
});

Deno.test("a folder's address, that of its index, with and without a slash, are one", () => {
  for (const end of ["", "/", "/index.json"]) {
    const { shown, host, isS3, urlOf } = remoteFolder(`https://example.org:8443/data/three${end}`, none);
    assertEquals([shown, host, isS3], ["https://example.org:8443/data/three/", "example.org:8443", false]);
    assertEquals(urlOf("train-00000.npz"), "https://example.org:8443/data/three/train-00000.npz");
    const bucket = remoteFolder(`s3://bucket/three${end}?endpoint=http://127.0.0.1:9000/minio`, none);
    assertEquals([bucket.shown, bucket.host], ["s3://bucket/three", "127.0.0.1:9000"]);
    assertEquals(bucket.urlOf("index.json"), "http://127.0.0.1:9000/minio/bucket/three/index.json");
  }
  assertEquals(remoteFolder("https://example.org", none).urlOf("x"), "https://example.org/x");
  assertEquals(remoteFolder("s3://bucket", none).urlOf("x"), "https://bucket.s3.us-east-1.amazonaws.com/x");
  const given = environment({ AWS_ENDPOINT_URL: "http://127.0.0.1:9000" });
  assertEquals(remoteFolder("s3://bucket", given).urlOf("x"), "http://127.0.0.1:9000/bucket/x");
});

Deno.test("folders of this machine are no addresses, and options leave them alone", () => {
  for (const path of ["data/three", "/data", "./https:/x", "C:\\data", "c:/data", ""]) {
    assertEquals([isRemote(path), withRemoteOptions(path, { endpoint: "x", limit: 5 })], [false, path]);
  }
});

Deno.test("options become part of an address, and are read back", () => {
  const address = withRemoteOptions("s3://bucket/a", {
    endpoint: "http://127.0.0.1:9000",
    cache: "/tmp/a b",
    limit: 5e9,
  });
  const { cache, limit, host, shown } = remoteFolder(address, none);
  assertEquals([cache, limit, host, shown], ["/tmp/a b", 5e9, "127.0.0.1:9000", "s3://bucket/a"]);
  assertEquals(remoteFolder(withRemoteOptions(address, { limit: 7 }), none).limit, 7);
  assertEquals(remoteFolder(withRemoteOptions("https://example.org/a", {}), none).limit, 10e9);
});

const REFUSED: readonly [address: string, says: string][] = [
  ["https://", "data https://: no address"],
  ["ftp://example.org/data", "ftp:// is not read; expected https:// or s3://"],
  ["file:///data", "file:// is not read"],
  ["https://me:pass@example.org/data", "data https://example.org/data: leave the name and the password out"],
  ["https://example.org/data?sig=secret", "data https://example.org/data: leave out what is behind ?"],
  ["https://example.org/data#size=4", "behind # there is size, expected cache or limit"],
  ["https://example.org/data#limit=much", "the limit of the cache is much, expected bytes"],
  ["s3://bucket/data?token=secret", "data s3://bucket/data: behind ? there is token, expected endpoint or region"],
  ["s3://Bucket/data", 'bucket "Bucket": expected small letters'],
  ["s3://bucket?endpoint=127.0.0.1:9000", 'endpoint "127.0.0.1:9000": expected an address such as'],
  [
    "s3://bucket?endpoint=http://me:pass@127.0.0.1",
    "data s3://bucket: leave the name and the password out of the endpoint",
  ],
];
for (const [address, says] of REFUSED) {
  Deno.test(`the address ${address} is refused`, () => {
    const error = assertThrows(() => remoteFolder(address, none), InputError, says);
    assertEquals(/pass@|secret/.test(error.message), false, error.message);
  });
}

Deno.test("--endpoint is of S3 alone", () => {
  assertThrows(
    () => withRemoteOptions("https://example.org/a", { endpoint: "http://b" }),
    InputError,
    "--endpoint: of s3://",
  );
});
