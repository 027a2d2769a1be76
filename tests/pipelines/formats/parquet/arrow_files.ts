/**
 * Two Parquet files as Apache Arrow's own writer (its Rust implementation, by npm:parquet-wasm 0.7) made them of three
 * drawings in Hugging Face's columns, two in a row group, gzipped and in base64.
 */
import type { DrawingRecord } from "../../../../pipelines/formats/quickdraw/drawing_record.ts";

const GZIPPED = {
  "version 1, gzip": [
    "H4sIAAAAAAACA7VWf2wT1x1/dz4cxzHguHkPH1hr5i6n0HixE/wrWfbjbEKcxIE4CJPQbvh8ZzuBxHFtB8dQNJAqVFE6VWyCquIPhFa0SmjS+g",
    "fqH/zRrh2N6MQqVFXVtB8Zm5hUoa7SKlahadl77842Ts4RQdspufu+9/2+z+f7vt/PvfO4ONEDOTgJi1H8ADYAnn7FBOi1sum94VbQYzF4wp8N",
    "nQ7uf3rnj5NdJ8G1/j9e/GbgLuPpetN24qPMvpvf/+3f3//KhRdAAG2w34VxrNAIjY9CyclEIiEpSpoFB950is0kmoPt0LuWVU6cAns6N4OPRl",
    "vbrRtHBXAL9JNo0CCaA89n7slNlQy+tzaDlns/tb2aVhKJ5TMfg678NsX6JJuzwx/obA6Hfvmqgu+5BwB8ePDyScuTYHfCaBSa17TrV9htMbRf",
    "HF9aWblq/k3O9I1/vKV82aYyfAtGXdCiw5DGDLeXE5hoWZLTX+RkFgSzr9htKpUH7o3iZau2gYtDFiTw2q9/B5hLFosFXNj/z7P2jXEFb3Kg8M",
    "D0jMZlhr1RyOpweZrAlRMr4U0quhUGXThMv1ZJJcGCl3b8OmlSMa2wWw/zFAD/+vPLb5k2jAjwvrwkWF9fSQCeTQ7cNqrkAHZG8a2e3AAqV0Ws",
    "DZkTAPRtLzU3/T/QqD6Nq9C+89677+bOnz79lzaDwQBW+pWYpk8nHHHhaP2OxiUqBllOxiUAXiq9H2xdh2NUSiQiKfwvJ3BG9osffvrkHLyN5e",
    "1tPUGv1x/wej2BXQFPn8/X4+/x8Xarzxvw+QPBPn+PxxP0ez2Q5RHYKQBOXWaqFA6bTKWG9SEM9jHMmnUt2+FzDF23f4tqrgphwxF8G5taNc2p",
    "bNxKhYn3c6yRP6ZyWzYQxATIfwWe1RJjGm+IhDC8HbvoFLtTYMFjT5GsltSsbtWyYlm2kpVRC1LUoHSjIAd6nYHPIxyEImT0AUtHxLxsgJOaeY",
    "erzp41auEmMrrdBLOa42pz1bxrhodoDEtGZyx0RMxlC4xr5sPNVfQLW6nJIzq6ZYWzmuO8TTVx5v9ujVikfH6+dLggT6fmJGjBr30HazceTZUP",
    "zygdIOqgAsdTXGk+r2D1YtOcT8nzmezM8ZSi+pqLM3OpQlGay3XYoudaHQ61JQSpRZ5fyBbzZXleSWlwPtbepOSl0kw2AzkyYhbxu2yMDhAfZ+",
    "dmZwpFyBIHN1NMzen5INuheTtQ9NpTJpsKy5T/F0DIyLv4FwXggBbeB4xWvlIOyCEO/YJB9xnhdUYwOfygc827p/+StrYC3kXPX1Y94FgwgCL0",
    "hQHo9zx0oP/YYBYQTk7jpPWmjDl0jRE+YIWvGEdN77W3GoFOnVk9xj6V7wEPEbr/FNxD+QDfAYz8oz2lpB40KVw2DOAtMgw+Hgicg5zJj+Cc24",
    "5x3m6Dz9blXdOClvx1RrjDCV8bHLVTpHa0kOTXzq6T/BVC+oc2LflKgx5VGaWdRu8wwlmj8MtNpEv4hCJHlW4XTFoX3tmOu3AFwm4KzKrA0xWh",
    "MotUMVQpNQtTWdBZBn3KCLebhHtGwkXPM/Vw0+PbWX/IAfQJ2dDHEI7o85Yb8p5n0GeMcLVZuGF6Et7PCe8bCPOiG0bECSZ0zox/QTUSPosmsf",
    "SFu2bhZ2ZCxwTwuaxbUJaewgCd2oEL+je0Sh4VWbPoR+jnjHDGItxoqZM1oytrZn1ZE75LO/CGfrJtPVmzqBvFhWXLgJ8N2eoEzRLGtwnCJ9ug",
    "0FjQLIqiS4zwcLNwfbNDRVmbDgVbImAPK2ANhKrBXdgq3NnSAI581Sjgn0g9L9s1wMcWqBEtoiVGuGUVvthKdXKL6mSpoU7qvmQAPST7uGnfqD",
    "412vM24XorpU1TWuVxaV9zYNrXeCLP+7hOWHXoc1Mb/vK57C3TC5kM5k5Lcso+esI5k03PO/tPONMpqbiQTxWITVRGnllpjkw855SlotPlLCxk",
    "nT90OQ8Xy7mUs98ZnpUKhaiUTM06T+IL2C3ixMS+g/3qx9B+rslNLr8YFkUxJqrXqCiWxHBGHCFT+CmKIc0Ti5HAYVGdqjzxNUWsQRHHdomDoj",
    "iWwdNhiniAjCn07qPutNsdofElDXBwb5T6CVR4jMyQRMS9x/vc7uCw+5jbPVQfPyapT1FbJLrHd7nd5SNdOJ4kIe4WK7mWguqT3MgmRJng7R8P",
    "uN2L1HNAiwyJ0/SxQEoRFqsXJZEmJ2aTMd0x3XqK2MN6/GWxnj8UJPwvUH6az1iFf/eeWBWP7nfkOMGLiaEpQrpPFINanTNqEiF1P7X8M5o5Re",
    "o3qPZDrU8tiVBOGYoX9ccENeSlYKTUQxPlqUkll5yTxeg4LspirC7fUKxURY4Qf6lApo8kd8UXlMiIb6q37+ihWGiK1HNVv0dHakkNazob1Poz",
    "XN0PpQrF44NjYphQRyZyyYPx48rQnqKs1gcjBw/U13tqrIZM/aO0SHPxI8leZUGazM0ewuMy3U+mKgq1fqVqPpg8qvWrvnxa/5XevvKhymwotl",
    "5/avWaqEGFKE6s2mqpN+6b7J09is3vAjufk/IvLKSK384X2o+l8oWZ+Wy7r697V7eHfxH/sFz7B/5qBmBcnOj5Lx/Wd9f+EQAA",
  ],
  "version 2, zstd": [
    "H4sIAAAAAAACA61XTWwTRxTenWw2TuKCYzIjb+VDZDUrflKcP/8EpVXHJuAEB+IgQgxUsLEd5z/BdjAO9NCKAwfEIQdU9VCpUlWhqqqqqpUQ6q",
    "USqtIcUIU4IIRQxakHDghVFQcqOm9m14sTO/yoG2bnzbw33/fmvTezZoSOdmEFj+OZOOsktyTt/Nn/b1uHIUsuSZICvaFAMBTuC3Z1doaDvZ2t",
    "bK4r3NsbDPX2doZ6Qp19gUBXsCuAVdyEm04BBGsuE0qR5TrE5DbcXYHu+lQqP7LZb4WgsrHLUqllFWLL6uQa+Ee3vYtPAniz6Lf20IN3VyA4DU",
    "kC+OEkvKOxrVfvxPviTF9e3fqV2FMTay9Ya2CtXuyxFbeews4yisqW1E05nGpd3eUDANWJI3HQW1CeX0WI+F5NOHgaXwn3G8A1YW8cIxuufpeA",
    "C7G1Duw4BTrWrA0hWUIcylexykEr8lRroco8cYIG/qw0IbEKAueOs1cZVBJJYX/WEpe95C3seQrVyhSuMerfWVsXjrux+xSYmGt5tN6TVBWxdw",
    "2ENFuZYW3y1QiaG2me1mqnQ/O4Nh4kjDQi7dIlRSxzWMeBieVIV5rITCfLm9aZ5c1Eq+I3mKBojL2GkxumFcGmvLCYtKCCVO2c4Ha+gZEcgmbB",
    "I9MxufaGwETWPEzFp9AunWXwdafAqzXh1brtFULI8ko1jdLCaLKWkZdclXGQMCMSg9Eq4iMQ1xDuN8U7deXZ24pp7oDR/Xr8kal4ppbFJw24l9",
    "sgGD1y8BGI1xpx2BSfN+JuU3zQxEWN8NHdZvyhqbjnFCJWtOctMaeRyy0WT+dTU5l5Azsl7GxHHnU2Uzo9nW6X4l5uyKaU4mIuzY4ME5tymdRi",
    "dmF6JZMWusbC9HwmXzDml9rd8SstXq9ICSA1pxaXFwq5UmoxnTHhAsjTkM4ZxemFLFZgJJ+HMx3vB53iUeam8wWMQKFMFzLz1XQYtZvadhL/bo",
    "fDLWDl0v8BRFStQ7uoS17s1AKS6tKscGAnUci3MvlF1q/KusMblHZuOnvVD2lLi6R18E8NEtcPkvpJjB8YiTzdgVkO38ELEnAqJiePN2fMkUuy",
    "vor0W7LXrnf7VBNpZ5XZaox9gu9qKybk0jZ8gPNJGla1l1PKOftJv76G+tkOZZndDoDm5RekDfM1wKxvw7sr3LZLwfb9Tp1+qc5rXyL2zQK+b5",
    "7dwvebQPq35buVn5eLjNPOkIv6bUW/rECO2P0EF1XVHDjMHPzRynJwczvey3GRwJ2yylQ+z+uF14ktMSYn2x65Juv36/VL9cDFbzNxtVXj21V5",
    "xUnkMeznr+14qDpvqSbvFZl8KevPVP0L9W14P8OM90cX4yW3VKLoDvJDA/v9VavsETlB5vQnDfqNBmCTQ+xSrhpPxK9giXyOWTyfuzYUh1XTiJ",
    "whOf2RQ//aUVHSctWSlrcuaaD7CbbzTcsWJY1ImIT1a439QRRxVxQz/Igg6wDwuAXrtYsZkcPkjP68Ub/d6BUgm53hWH8C1qrbxKpRowLtQZP+",
    "fVMNNPiccbx/IJY3LLzXrk1VHL67zfrVZl4i67xE1mqWSMUnTCKrhG3joftNS9OkvefUV52cdpLTpl+X9jrQXt8BlflUIYhVHHlY38o+eR2e5q",
    "nlbJZxTxqpjOfQBd/0wuSib98F32TGKCznMnmQocKgXzDmYeKkL2UUfB2+/PKC7+MO3+lCaSnj2+eLzhn5fNyYyMz5PmGP5HHS0dEjx/eJr6Dn",
    "SoMfniCNUkoTVDyHKC3SaJYOwRTrKY2YmkQCDAepmLJ69iRBGqDMdg8doHQ4y6ajHPEYjDn0/ln/pN8f4/ZFE3DgcJzrASo6DDPgCD280uf3hw",
    "f95/z+g5X2w4boqbmI+kd6/P7SzB5mD07Q/dTytRgWPbxgEzQFeEdHQn7/ea45ZlpG6BTvliEUUVp+OIkxPjo3kag65lvPgDxYjb9EK/kjYeA/",
    "y/m5P8MW//4DiTIe3+/QCuAlaCQJpEcoDZtxzgonImI/tv9ZU0xC/AZEPkR8bCciS+mDY4XqY0CN9HIwCPXB0VJyPL00MZ+i8REWlPOJCn8jiW",
    "IZOQb6Yh6mZyZ6xpbTsaFAsrtv9kQikoR4bsj3oSHbqUGzzgbM/AyW98OpImNjA8M0CtSx0aWJ42Mr6YMHCikRH4YcPlYZ7+Swjcz1h3iQ5sdm",
    "JrrTy8b40twJNi7x/WTLRSHiVyz7w8jjZr4qw2fmP93dVzphzUYSW+XHjteoDRXhOIlyqo3uscB499wsEz+QPNqSkTu7nCm8n8u3ncvk8tOLC2",
    "2Bvr09ezu1i+wX5eZ/0gP23+MROtr1HwX/AHqDEAAA",
  ],
} as const;

/** The files by what they are. */
export async function arrowFiles(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const files = Object.entries(GZIPPED).map(async ([name, lines]) => {
    const stream = new Blob([Uint8Array.fromBase64(lines.join(""))]).stream();
    const inflated = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    return [name, new Uint8Array(inflated)] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** What is in them. */
export const ARROW_RECORDS: DrawingRecord[] = [
  {
    word: "cat",
    keyId: 5475678961008640n,
    recognized: true,
    countryCode: "MY",
    timestamp: "2017-03-28 13:28:00.851 UTC",
    drawing: [[[0, 10, 255], [1, 2, 3]], [[7], [255]]],
  },
  {
    word: "sun",
    keyId: 18446744073709551615n,
    recognized: false,
    countryCode: "CH",
    timestamp: "2017-03-28 13:28:00.0 UTC",
    drawing: [[[5, 5], [0, 9]]],
  },
  { word: "sun", keyId: 7n, drawing: [[[200], [100]], [[201, 202], [101, 102]]] },
];
