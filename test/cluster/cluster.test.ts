import { beforeAll, describe, expect, it } from "vitest";
import { principalName } from "../../components/cluster/access";
import { Cluster, type ClusterArgs } from "../../components/cluster/cluster";
import { SupportType } from "../../components/cluster/support-type";
import { kubernetesVersions } from "../../components/cluster/versions";
import {
  type Expected,
  isSecret,
  type RecordedResource,
  type Recording,
  record,
  unwrapSecrets,
} from "../support/components";
import { prerequisites } from "../support/prerequisites";

const account = "111122223333";
const deployRole = `arn:aws:iam::${account}:role/ci/deploy`;
const admin = `arn:aws:iam::${account}:role/platform-admins`;
const arnOf = (kind: string) => (_: unknown, name: string) => ({ arn: `arn:aws:${kind}:${name}` });

const expected: Expected = {
  resources: {
    "aws:kms/key:Key": () => ({ arn: `arn:aws:kms:eu-west-1:${account}:key/1`, keyId: "1" }),
    "aws:kms/alias:Alias": () => ({}),
    "aws:cloudwatch/logGroup:LogGroup": arnOf("logs"),
    "aws:iam/role:Role": (_, name) => ({ name, arn: `arn:aws:iam::${account}:role/${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
    "aws:eks/cluster:Cluster": (inputs) => ({
      endpoint: "https://abc.eks.amazonaws.com",
      certificateAuthority: { data: "Q0E=" },
      vpcConfig: { ...(inputs.vpcConfig as object), clusterSecurityGroupId: "sg-cluster" },
    }),
    "aws:eks/accessEntry:AccessEntry": () => ({}),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": () => ({}),
    "aws:eks/addon:Addon": arnOf("addon"),
    "aws:eks/nodeGroup:NodeGroup": () => ({}),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => ({}),
    "aws:ec2/launchTemplate:LaunchTemplate": () => ({ id: "lt-1", latestVersion: 3 }),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
  },
  functions: {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId: account,
      arn: `arn:aws:sts::${account}:assumed-role/deploy/run-42`,
    }),
    "aws:iam/getSessionContext:getSessionContext": () => ({ issuerArn: deployRole }),
  },
};
const args: ClusterArgs = {
  clusterName: "demo-test",
  region: "eu-west-1",
  subnetIds: ["subnet-a", "subnet-b"],
  publicAccessCidrs: ["198.51.100.0/24"],
  administrators: [admin],
};
const build = (changes: Partial<ClusterArgs> = {}) =>
  record(() => new Cluster("cluster", { ...args, ...changes }), expected);

/** Names of everything that must exist before this resource, directly or through others. */
const prerequisiteNames = (recording: Recording, resource: RecordedResource) =>
  [...prerequisites(recording.resources, resource)].map((urn) => urn.split("::").pop() ?? "");

const controlPlane = (recording: Recording) => recording.one("aws:eks/cluster:Cluster");
const nodes = (recording: Recording) => recording.one("aws:eks/nodeGroup:NodeGroup");
const addon = (recording: Recording, name: string) => recording.one("aws:eks/addon:Addon", `cluster-${name}`);
const provider = (recording: Recording) => recording.one("pulumi:providers:kubernetes");

describe("Cluster", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await build();
  });

  it("has no resource twice, and every child under the component", () => {
    expect(recording.duplicates).toEqual([]);
    for (const entry of recording.resources) {
      if (entry.type !== "inference-platform:index:Cluster") {
        expect(entry.urn).toContain("inference-platform:index:Cluster$");
      }
    }
  });

  describe("control plane", () => {
    it("lets nobody in but through access entries, encrypts Secrets and logs what was done", () => {
      expect(controlPlane(recording).inputs).toMatchObject({
        name: "demo-test",
        version: "1.35",
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        encryptionConfig: {
          resources: ["secrets"],
          provider: { keyArn: `arn:aws:kms:eu-west-1:${account}:key/1` },
        },
        enabledClusterLogTypes: ["api", "audit", "authenticator"],
        upgradePolicy: { supportType: "STANDARD" },
      });
      expect(recording.one("aws:kms/key:Key").inputs.enableKeyRotation).toBe(true);
    });

    it("answers the internet only for the named blocks, and nobody there when none is named", async () => {
      expect(controlPlane(recording).inputs.vpcConfig).toMatchObject({
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ["198.51.100.0/24"],
      });
      const closed = controlPlane(await build({ publicAccessCidrs: [] })).inputs.vpcConfig;
      expect(closed).toMatchObject({ endpointPrivateAccess: true, endpointPublicAccess: false });
      expect(closed).not.toHaveProperty("publicAccessCidrs");
    });

    it("answers a VPN in the VPC, whose packets the cluster's group would drop, before anything goes into the cluster", async () => {
      const closed = await build({ publicAccessCidrs: [], privateAccessCidrs: ["10.20.0.0/16"] });
      const rule = closed.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
      expect(rule.inputs).toMatchObject({
        securityGroupId: "sg-cluster",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: "10.20.0.0/16",
      });
      expect(prerequisiteNames(closed, provider(closed))).toContain(rule.name);
    });

    it("comes after its log group, and after its role may use the key", () => {
      expect(recording.one("aws:cloudwatch/logGroup:LogGroup").inputs).toMatchObject({
        name: "/aws/eks/demo-test/cluster",
        retentionInDays: 90,
      });
      expect(prerequisiteNames(recording, controlPlane(recording))).toEqual(
        expect.arrayContaining([
          "cluster-logs",
          "cluster-control-plane-policy",
          "cluster-control-plane-AmazonEKSClusterPolicy",
        ]),
      );
    });

    it("cannot be deleted by mistake when protected, by Pulumi or by AWS", async () => {
      expect(controlPlane(recording).options.protect).toBeUndefined();
      expect(controlPlane(recording).inputs.deletionProtection).toBe(false);
      const kept = controlPlane(await build({ deletionProtection: true, supportType: SupportType.Extended }));
      expect(kept.options.protect).toBe(true);
      expect(kept.inputs).toMatchObject({
        deletionProtection: true,
        upgradePolicy: { supportType: "EXTENDED" },
      });
    });
  });

  describe("access", () => {
    const administrators = (from: Recording) =>
      from.ofType("aws:eks/accessEntry:AccessEntry").map((entry) => entry.inputs.principalArn);

    it("lets viewers and auditors read, the role that runs Pulumi too when it is one", async () => {
      const auditor = "arn:aws:iam::123456789012:role/auditor";
      const viewed = await build({ administrators: [admin], viewers: [deployRole], auditors: [auditor] });
      const policies = viewed
        .ofType("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
        .map(({ inputs }) => [inputs.principalArn, String(inputs.policyArn).split("/").at(-1)]);
      expect(new Map(policies as [string, string][])).toEqual(
        new Map([
          [deployRole, "AmazonEKSViewPolicy"],
          [auditor, "AmazonEKSAdminViewPolicy"],
          [admin, "AmazonEKSClusterAdminPolicy"],
        ]),
      );
      await expect(build({ administrators: [], viewers: [admin], auditors: [admin] })).rejects.toThrow(
        /auditors\[0\].*must not be a viewer too/,
      );
      await expect(build({ administrators: [admin], viewers: [admin] })).rejects.toThrow(
        /viewers\[0\].*must not be an administrator too/,
      );
    });

    it("makes the listed principals and the role that runs Pulumi administrators, not its session", () => {
      expect(administrators(recording).sort()).toEqual([deployRole, admin]);
      const grants = recording.ofType("aws:eks/accessPolicyAssociation:AccessPolicyAssociation");
      expect(grants).toHaveLength(2);
      for (const grant of grants) {
        expect(grant.inputs).toMatchObject({
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
          accessScope: { type: "cluster" },
        });
      }
    });

    it("makes one entry for a role that is listed and runs Pulumi, under the name it had before", async () => {
      const listed = await build({ administrators: [admin, deployRole] });
      expect(administrators(listed).sort()).toEqual([deployRole, admin]);
      expect(listed.duplicates).toEqual([]);
      const urns = (from: Recording) => from.ofType("aws:eks/accessEntry:AccessEntry").map((e) => e.urn);
      expect(urns(listed).sort()).toEqual(urns(recording).sort());
    });

    it("names principals of the same last part differently", () => {
      const [one, other] = ["role/a/admin", "role/b/admin"].map((path) =>
        principalName(`arn:aws:iam::${account}:${path}`),
      );
      expect(one).not.toBe(other);
      expect(one).toMatch(/^admin-[0-9a-f]{8}$/);
    });
  });

  describe("order", () => {
    const nodeAddons = ["cluster-vpc-cni", "cluster-eks-pod-identity-agent", "cluster-kube-proxy"];
    const clusterAddons = ["coredns", "aws-ebs-csi-driver", "metrics-server", "eks-node-monitoring-agent"];

    it("installs networking and pod credentials before nodes, the rest after them", () => {
      expect(prerequisiteNames(recording, nodes(recording))).toEqual(
        expect.arrayContaining([
          ...nodeAddons,
          "cluster-vpc-cni-AmazonEKS_CNI_Policy",
          "cluster-node-AmazonEKSWorkerNodePolicy",
          "cluster-node-AmazonEC2ContainerRegistryPullOnly",
        ]),
      );
      for (const name of nodeAddons) {
        expect(prerequisiteNames(recording, recording.one("aws:eks/addon:Addon", name))).not.toContain(
          "cluster-system",
        );
      }
      for (const name of clusterAddons) {
        expect(prerequisiteNames(recording, addon(recording, name))).toContain("cluster-system");
      }
    });

    it("puts everything in the cluster after access, nodes and add-ons, so that destroy removes it first", () => {
      const inCluster = recording.resources.filter((entry) => entry.type.startsWith("kubernetes:"));
      expect(inCluster.map((entry) => entry.type).sort()).toEqual([
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:storage.k8s.io/v1:StorageClass",
      ]);
      for (const entry of inCluster) {
        expect(entry.provider).toBe(provider(recording).urn);
        expect(prerequisiteNames(recording, entry)).toEqual(
          expect.arrayContaining([
            `cluster-access-${principalName(admin)}`,
            `cluster-access-${principalName(deployRole)}`,
            "cluster-system",
            ...clusterAddons.map((name) => `cluster-${name}`),
          ]),
        );
      }
    });

    it("gives the autoscaler its rights before it starts", () => {
      const release = recording.one("kubernetes:helm.sh/v3:Release");
      expect(prerequisiteNames(recording, release)).toEqual(
        expect.arrayContaining(["cluster-autoscaler-association", "cluster-autoscaler-policy"]),
      );
    });
  });

  describe("add-ons", () => {
    it("are all pinned, and owned by the program", () => {
      const addons = recording.ofType("aws:eks/addon:Addon");
      const versions = Object.fromEntries(
        addons.map((entry) => [entry.inputs.addonName, entry.inputs.addonVersion]),
      );
      expect(versions).toEqual(kubernetesVersions["1.35"]?.addons);
      for (const { inputs } of addons) {
        expect(inputs.addonVersion).toMatch(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/);
        expect(inputs).toMatchObject({
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
        });
      }
    });

    it("enforce NetworkPolicies", () => {
      const values = JSON.parse(String(addon(recording, "vpc-cni").inputs.configurationValues));
      expect(values).toEqual({ enableNetworkPolicy: "true" });
    });

    it("get their rights by service account, and nodes do not have them", () => {
      const accounts = (name: string) => addon(recording, name).inputs.podIdentityAssociations;
      expect(accounts("vpc-cni")).toEqual([
        { serviceAccount: "aws-node", roleArn: `arn:aws:iam::${account}:role/cluster-vpc-cni-role` },
      ]);
      expect(accounts("aws-ebs-csi-driver")).toMatchObject([{ serviceAccount: "ebs-csi-controller-sa" }]);
      const attached = recording
        .ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter((entry) => entry.inputs.role === "cluster-node")
        .map((entry) => String(entry.inputs.policyArn).split("/").pop());
      expect(attached.sort()).toEqual(["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"]);
    });
  });

  describe("system nodes", () => {
    it("leave their number to the autoscaler", () => {
      expect(nodes(recording).options.ignoreChanges).toEqual(["scalingConfig.desiredSize"]);
      expect(nodes(recording).inputs).toMatchObject({
        amiType: "AL2023_x86_64_STANDARD",
        instanceTypes: ["m7i.large"],
        scalingConfig: { minSize: 2, desiredSize: 2, maxSize: 4 },
        launchTemplate: { id: "lt-1", version: "3" },
        nodeRepairConfig: { enabled: true },
      });
    });

    it("keep pods away from the node's credentials, encrypt the disk, and open no port", () => {
      const template = recording.one("aws:ec2/launchTemplate:LaunchTemplate").inputs;
      expect(template).toMatchObject({
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          { deviceName: "/dev/xvda", ebs: { volumeType: "gp3", encrypted: "true", volumeSize: 50 } },
        ],
      });
      expect(template).not.toHaveProperty("vpcSecurityGroupIds");
      expect(template).not.toHaveProperty("networkInterfaces");
      expect(recording.resources.filter((entry) => /securityGroup/i.test(entry.type))).toEqual([]);
    });
  });

  describe("kubeconfig", () => {
    it("is secret, has no credentials, and asks aws for a token of this cluster", () => {
      const { kubeconfig } = provider(recording).inputs;
      expect(isSecret(kubeconfig)).toBe(true);
      const config = JSON.parse(String(unwrapSecrets(kubeconfig)));
      expect(config.clusters[0].cluster).toEqual({
        server: "https://abc.eks.amazonaws.com",
        "certificate-authority-data": "Q0E=",
      });
      expect(config.users[0].user.exec).toMatchObject({
        apiVersion: "client.authentication.k8s.io/v1beta1",
        command: "aws",
        args: expect.arrayContaining(["get-token", "--cluster-name", "demo-test", "--region", "eu-west-1"]),
      });
    });

    it("does not decide about replacement: the provider has a plain identifier", () => {
      expect(provider(recording).inputs.clusterIdentifier).toBe("demo-test");
    });

    it("is an output, as a secret", () => {
      const component = recording.one("inference-platform:index:Cluster");
      expect(isSecret(recording.outputsOf(component.urn)?.kubeconfig)).toBe(true);
    });
  });

  it("has an encrypted default storage class that waits for the pod's zone", () => {
    expect(recording.one("kubernetes:storage.k8s.io/v1:StorageClass").inputs).toMatchObject({
      metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  });

  it("scales nodes with the autoscaler of its own minor version, found by its own tags only", () => {
    const release = recording.one("kubernetes:helm.sh/v3:Release").inputs;
    expect(release).toMatchObject({
      name: "cluster-autoscaler",
      namespace: "kube-system",
      version: "9.59.0",
    });
    const values = release.values as { image: { tag: string }; extraArgs: Record<string, unknown> };
    expect(values.image.tag).toMatch(/^v1\.35\.\d+$/);
    expect(values.extraArgs).toMatchObject({
      "skip-nodes-with-local-storage": false,
      expander: "least-waste",
    });
    const policy = JSON.parse(
      String(recording.one("aws:iam/rolePolicy:RolePolicy", "cluster-autoscaler-policy").inputs.policy),
    );
    for (const statement of policy.Statement as { Action: string | string[]; Condition?: unknown }[]) {
      const changes = [statement.Action].flat().filter((action) => !/:(Describe|Get)/.test(action));
      if (changes.length > 0) {
        expect(statement.Condition).toEqual({
          StringEquals: { "aws:ResourceTag/k8s.io/cluster-autoscaler/demo-test": "owned" },
        });
      }
    }
  });

  it("refuses everything that is wrong at once", async () => {
    await expect(
      build({ version: "1.29", publicAccessCidrs: ["10.0.0.0/8"], administrators: ["me"] }),
    ).rejects.toThrow(/version \("1.29"\).*\n.*publicAccessCidrs\[0\].*\n.*administrators\[0\]/);
  });
});
