"""torchvision's models, also where the wheel of torchvision does not fit the one of torch.

Importing torchvision registers operators of its C extension (non-maximum suppression and the like), which fails where
the extension was built for another torch. Classifiers need none of them, so the module that registers them may be
empty.
"""

import sys
import types

try:
    from torchvision import models
except RuntimeError:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
    from torchvision import models

__all__ = ["models"]
