
import sys
from huggingface_hub import HfApi, snapshot_download
model, revision = sys.argv[1], (sys.argv[2:] or [None])[0]
skipped = ["original/*", "consolidated*", "*.pth", "*.gguf", "*.onnx", "*.h5", "*.msgpack", "*.ot"]
try:
    files = HfApi().list_repo_files(model, revision=revision)
    if any(file.endswith(".safetensors") for file in files):
        skipped += ["*.bin", "*.pt"]
    snapshot_download(model, revision=revision, ignore_patterns=skipped)
except Exception as error:
    print(f"download failed, looking for an earlier one: {error}", file=sys.stderr)
    snapshot_download(model, revision=revision, local_files_only=True)
