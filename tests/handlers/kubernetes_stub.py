"""As much of the Kubernetes API as kubectl needs to taint nodes and evict pods.

Keeps its nodes in DIRECTORY/nodes, writes its port to DIRECTORY/port, and
records every request that is not discovery in DIRECTORY/requests.
"""
import copy
import http.server
import json
import re
import ssl
import sys

directory = sys.argv[1]
nodes = {
    name: {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "resourceVersion": "1", "uid": name},
        "spec": {},
        "status": {},
    }
    for name in ("n1", "n2")
}
pod = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "trainer",
        "namespace": "prod",
        "uid": "0a1b2c3d-1111-2222-3333-444455556666",
    },
    "spec": {"nodeName": "n1", "containers": []},
}
VERBS = ["get", "list", "create", "patch", "update"]


def resource(name, kind, namespaced):
    return {
        "name": name,
        "singularName": "",
        "namespaced": namespaced,
        "kind": kind,
        "verbs": VERBS,
    }


DISCOVERY = {
    "/version": {"major": "1", "minor": "20", "gitVersion": "v1.20.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            resource("nodes", "Node", False),
            resource("pods", "Pod", True),
        ],
    },
}


def listed(kind, items):
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"resourceVersion": "1"},
        "items": items,
    }


def merge_taints(present, patch):
    """A strategic merge: taints are kept by key and effect."""
    taints = {(t["key"], t["effect"]): t for t in present}
    for taint in patch:
        key = (taint["key"], taint.get("effect"))
        if taint.get("$patch") == "delete":
            taints = {k: t for k, t in taints.items() if k[0] != taint["key"]}
        else:
            taints[key] = taint
    return list(taints.values())


class Api(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            text = b""
            while size := int(self.rfile.readline(), 16):
                text += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return text.decode()
        size = int(self.headers.get("Content-Length", 0))
        return self.rfile.read(size).decode()

    def record(self, body=""):
        token = self.headers.get("Authorization", "")
        with open(directory + "/requests", "a", encoding="utf-8") as file:
            print(self.command, self.path, body, token, file=file)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path in DISCOVERY:
            return self.answer(DISCOVERY[path])
        if path.startswith("/openapi"):
            return self.answer({"kind": "Status", "code": 404}, 404)
        self.record()
        node = re.fullmatch("/api/v1/nodes/(n[12])", path)
        if node:
            return self.answer(nodes[node[1]])
        if path == "/api/v1/nodes":
            return self.answer(listed("NodeList", list(nodes.values())))
        if path == "/api/v1/pods":
            return self.answer(listed("PodList", [pod]))
        return self.answer({"kind": "Status", "code": 404}, 404)

    def do_PATCH(self):
        body = self.body()
        self.record(body)
        name = self.path.split("?")[0].rsplit("/", 1)[1]
        node = copy.deepcopy(nodes[name])
        patch = json.loads(body).get("spec", {}).get("taints")
        if patch is None:
            node["spec"].pop("taints", None)
        else:
            node["spec"]["taints"] = merge_taints(
                node["spec"].get("taints", []), patch)
        self.keep(name, node)

    def do_PUT(self):
        body = self.body()
        self.record(body)
        self.keep(self.path.split("?")[0].rsplit("/", 1)[1], json.loads(body))

    def keep(self, name, node):
        nodes[name] = node
        with open(directory + "/nodes", "w", encoding="utf-8") as file:
            json.dump(nodes, file)
        self.answer(node)

    def do_POST(self):
        self.record(self.body().replace("\n", " "))
        self.answer({"kind": "Status", "status": "Success"}, 201)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(directory + "/cert", directory + "/key")
server.socket = tls.wrap_socket(server.socket, server_side=True)
with open(directory + "/port", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
server.serve_forever()
