/** One published program, and how to know that a download is the published one. */
export interface Release {
  /** Name for `--only`. */
  name: string;
  version: string;
  /** What is downloaded. */
  files: ReleaseFile[];
}

/** A file of a release. */
export interface ReleaseFile {
  url: string;
  /** Where the project publishes its SHA-256: alone, or in a list with file names. */
  checksumUrl: string;
  /** Programs taken from it, by their path in a tar archive; of a plain binary the one name. */
  programs: { path: string; name: string }[];
  /** True for a `.tar.gz`. */
  archive: boolean;
}

/** A program that its project publishes without checksums: built from its sources, which Go checks. */
export interface GoProgram {
  name: string;
  version: string;
  /** Package for `go install`. */
  package: string;
}

/** The machine. */
export interface Platform {
  /** `amd64` or `arm64`. */
  arch: string;
}

const versions = { pulumi: "3.250.0", etcd: "3.6.5", kubernetes: "1.35.0", kwok: "0.7.0" };

/** The programs of a rehearsal with published builds, for Linux: Kubernetes publishes its servers for nothing else. */
export function releases({ arch }: Platform): Release[] {
  const pulumiArch = arch === "amd64" ? "x64" : arch;
  const pulumiBase = `https://github.com/pulumi/pulumi/releases/download/v${versions.pulumi}`;
  const etcdBase = `https://github.com/etcd-io/etcd/releases/download/v${versions.etcd}`;
  const etcdName = `etcd-v${versions.etcd}-linux-${arch}`;
  const kubernetesBase = `https://dl.k8s.io/release/v${versions.kubernetes}/bin/linux/${arch}`;
  return [
    {
      name: "pulumi",
      version: versions.pulumi,
      files: [
        {
          url: `${pulumiBase}/pulumi-v${versions.pulumi}-linux-${pulumiArch}.tar.gz`,
          checksumUrl: `${pulumiBase}/pulumi-${versions.pulumi}-checksums.txt`,
          programs: ["pulumi", "pulumi-language-nodejs"].map((name) => ({ path: `pulumi/${name}`, name })),
          archive: true,
        },
      ],
    },
    {
      name: "etcd",
      version: versions.etcd,
      files: [
        {
          url: `${etcdBase}/${etcdName}.tar.gz`,
          checksumUrl: `${etcdBase}/SHA256SUMS`,
          programs: [{ path: `${etcdName}/etcd`, name: "etcd" }],
          archive: true,
        },
      ],
    },
    {
      name: "kubernetes",
      version: versions.kubernetes,
      files: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => ({
        url: `${kubernetesBase}/${name}`,
        checksumUrl: `${kubernetesBase}/${name}.sha256`,
        programs: [{ path: name, name }],
        archive: false,
      })),
    },
  ];
}

/** What is built with Go. */
export const goPrograms: GoProgram[] = [
  { name: "kwok", version: versions.kwok, package: "sigs.k8s.io/kwok/cmd/kwok" },
];

/**
 * The SHA-256 of a file from a published text: the hash alone, or lines of hash and name.
 *
 * @returns undefined when the file is not in it.
 */
export function publishedHash(text: string, fileName: string): string | undefined {
  const alone = text.trim();
  if (/^[0-9a-f]{64}$/i.test(alone)) return alone.toLowerCase();
  for (const line of alone.split("\n")) {
    // `*` before the name: read as binary.
    const [, hash, name] = /^([0-9a-f]{64})\s+\*?(\S+)$/i.exec(line.trim()) ?? [];
    if (hash && name?.replace(/^\.\//, "") === fileName) return hash.toLowerCase();
  }
  return undefined;
}
