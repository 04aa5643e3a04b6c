import { type KubeObject, path } from "../kube/client";
import type { Rehearsal } from "../rehearsal";
import { isPlugin } from "../standins/gpus";

const api = "admissionregistration.k8s.io/v1";
const name = "rehearsal-broken-device-plugin";
const policies = path(api, "validatingadmissionpolicies");
const bindings = path(api, "validatingadmissionpolicybindings");

/** No pod of the device plugin may be said to be ready, whoever plays its kubelet. */
const policy = {
  metadata: { name },
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/status"] },
      ],
    },
    validations: [
      {
        expression: [
          "!(object.metadata.?labels[?'app.kubernetes.io/name'].orValue('') == 'nvidia-device-plugin'",
          "object.status.?conditions.orValue([]).exists(c, c.type == 'Ready' && c.status == 'True'))",
        ].join(" && "),
        message: "the device plugin of this rehearsal never becomes ready",
      },
    ],
  },
};

/** While `work` goes on, the device plugin starts nowhere: its container ends as it does without a driver. */
export async function withBrokenPlugin<T>(rehearsal: Rehearsal, work: () => Promise<T>): Promise<T> {
  const { client } = rehearsal.plane;
  await client.ensure(policies, policy);
  await client.ensure(bindings, {
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
  const plugins = async () => (await client.list(path("v1", "pods"))).filter(isPlugin);
  const crashing = setInterval(() => {
    plugins()
      .then((pods) => Promise.all(pods.filter((pod) => !pod.status.containerStatuses).map(crash)))
      .catch(() => undefined);
  }, 1_000);
  const crash = (pod: KubeObject) =>
    client.patch(`${path("v1", "pods", pod.metadata.namespace, pod.metadata.name)}/status`, crashed(pod));
  try {
    return await work();
  } finally {
    clearInterval(crashing);
    await client.remove(`${bindings}/${name}`);
    await client.remove(`${policies}/${name}`);
    // As after a repair of the nodes: the pods start anew.
    for (const { metadata } of await plugins()) {
      await client.remove(path("v1", "pods", metadata.namespace, metadata.name), { gracePeriodSeconds: 0 });
    }
  }
}

/** What a kubelet says of a container that ends again and again. */
function crashed(pod: KubeObject): object {
  const [container] = pod.spec.containers as { name: string; image: string }[];
  const terminated = {
    exitCode: 1,
    reason: "Error",
    message: "failed to initialize NVML: ERROR_LIBRARY_NOT_FOUND",
  };
  return {
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }],
      containerStatuses: [
        {
          name: container?.name,
          image: container?.image,
          imageID: "",
          ready: false,
          restartCount: 5,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: { terminated },
        },
      ],
    },
  };
}
