"""Small nets of the families that people export from PyTorch, seeded, each a module tree like torchvision's."""

import torch
from torch import nn

CLASSES = 7


def conv(inputs, outputs, size=3, stride=1, groups=1, bias=False):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=bias)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, stride=stride), nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2, self.bn2 = conv(outputs, outputs), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    layer = "layer2"

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.relu = conv(3, 8, 7, 2), nn.BatchNorm2d(8), nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(8, 8, 1), BasicBlock(8, 8, 1))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16, 1))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(x, 1))


class Vgg(nn.Module):
    """With batch normalisation, dropout, and rows of the classifier that are an image's cells."""

    layer = "features.9"

    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for outputs in (6, 8):
            layers += [conv(inputs, outputs, bias=True), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
            inputs = outputs
        layers += [conv(8, 10, bias=True), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(2)
        self.classifier = nn.Sequential(
            nn.Linear(40, 24), nn.ReLU(), nn.Dropout(), nn.Linear(24, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, CLASSES)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class Squeeze(nn.Module):
    """Squeeze and excitation by convolutions over one cell."""

    def __init__(self, channels, gate):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.activation = nn.Conv2d(channels, channels // 2, 1), nn.ReLU()
        self.fc2, self.scale_activation = nn.Conv2d(channels // 2, channels, 1), gate()

    def forward(self, x):
        return x * self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(x)))))


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, stride, act, gate=None):
        super().__init__()
        wide = 3 * inputs
        self.conv = nn.Sequential(
            nn.Sequential(conv(inputs, wide, 1), nn.BatchNorm2d(wide), act()),
            nn.Sequential(conv(wide, wide, 3, stride, wide), nn.BatchNorm2d(wide), act()),
            *([] if gate is None else [Squeeze(wide, gate)]),
            conv(wide, outputs, 1),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNet(nn.Module):
    layer = "features.4"

    def __init__(self, act, gate=None):
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(conv(3, 8, 3, 2), nn.BatchNorm2d(8), act()),
            Inverted(8, 8, 1, act, gate),
            Inverted(8, 12, 2, act, gate),
            Inverted(12, 12, 1, act, gate),
            nn.Sequential(conv(12, 20, 1), nn.BatchNorm2d(20), act()),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(20, CLASSES))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class DenseLayer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.norm1, self.relu1, self.conv1 = nn.BatchNorm2d(inputs), nn.ReLU(), conv(inputs, 6)

    def forward(self, x):
        return torch.cat([x, self.conv1(self.relu1(self.norm1(x)))], 1)


class DenseNet(nn.Module):
    """Normalisations before convolutions, which no exporter folds away."""

    layer = "relu"

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv(3, 8, 3, 2), DenseLayer(8), DenseLayer(14),
            nn.BatchNorm2d(20), nn.ReLU(), conv(20, 10, 1), nn.AvgPool2d(2), DenseLayer(10), nn.BatchNorm2d(16),
        )  # fmt: skip
        self.relu, self.classifier = nn.ReLU(), nn.Linear(16, CLASSES)

    def forward(self, x):
        x = nn.functional.adaptive_avg_pool2d(self.relu(self.features(x)), 1)
        return self.classifier(torch.flatten(x, 1))


class Fire(nn.Module):
    def __init__(self, inputs, inner, outputs):
        super().__init__()
        self.squeeze, self.squeeze_activation = nn.Conv2d(inputs, inner, 1), nn.ReLU()
        self.expand1x1, self.expand1x1_activation = nn.Conv2d(inner, outputs, 1), nn.ReLU()
        self.expand3x3, self.expand3x3_activation = nn.Conv2d(inner, outputs, 3, padding=1), nn.ReLU()

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat(
            [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1
        )


class SqueezeNet(nn.Module):
    """Pools whose size is rounded up, and scores that are an image's mean."""

    layer = "classifier.2"

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 10, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(10, 5, 8), nn.AvgPool2d(2, 2, ceil_mode=True), Fire(16, 6, 9),
        )  # fmt: skip
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(18, CLASSES, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class Shuffle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(
            conv(half, half, 1), nn.BatchNorm2d(half), nn.ReLU(),
            conv(half, half, 3, 1, half), nn.BatchNorm2d(half),
            conv(half, half, 1), nn.BatchNorm2d(half), nn.ReLU(),
        )  # fmt: skip

    def forward(self, x):
        a, b = x.chunk(2, 1)
        x = torch.cat([a, self.branch(b)], 1)
        items, channels, height, width = x.shape
        x = x.view(items, 2, channels // 2, height, width).transpose(1, 2).contiguous()
        return x.view(items, channels, height, width)


class ShuffleNet(nn.Module):
    layer = "conv5"

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(conv(3, 12, 3, 2), nn.BatchNorm2d(12), nn.ReLU())
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.stage2 = nn.Sequential(Shuffle(12), Shuffle(12))
        self.conv5 = nn.Sequential(conv(12, 20, 1), nn.BatchNorm2d(20), nn.ReLU())
        self.fc = nn.Linear(20, CLASSES)

    def forward(self, x):
        x = self.conv5(self.stage2(self.maxpool(self.conv1(x))))
        return self.fc(x.mean([2, 3]))


class Mixed(nn.Module):
    def __init__(self, inputs, counts_padding):
        super().__init__()
        self.branch1 = nn.Sequential(conv(inputs, 6, 1), nn.ReLU())
        self.branch2 = nn.Sequential(
            nn.Conv2d(inputs, 5, (1, 5), padding=(0, 2)), nn.ReLU(), nn.Conv2d(5, 5, (5, 1), padding=(2, 0)), nn.ReLU()
        )
        self.branch3 = nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=counts_padding), conv(inputs, 4, 1), nn.ReLU())
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv(inputs, 3, 1), nn.ReLU())

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Inception(nn.Module):
    """Means that count their padding and means that do not; a local response normalisation as GoogLeNet had it."""

    layer = "inception2"

    def __init__(self):
        super().__init__()
        self.conv1, self.relu = nn.Conv2d(3, 8, 3, 2), nn.ReLU()
        self.norm, self.pool = nn.LocalResponseNorm(3, 1e-2), nn.MaxPool2d(3, 2)
        self.inception1, self.inception2 = Mixed(8, True), Mixed(18, False)
        self.fc = nn.Linear(18, CLASSES)

    def forward(self, x):
        x = self.pool(self.norm(self.relu(self.conv1(x))))
        x = self.inception2(self.inception1(x))
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class ChannelNorm(nn.LayerNorm):
    def forward(self, x):
        x = nn.functional.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.dwconv, self.norm = conv(channels, channels, 7, 1, channels, True), nn.LayerNorm(channels, 1e-6)
        self.pwconv1, self.act, self.pwconv2 = nn.Linear(channels, 3 * channels), nn.GELU(), nn.Linear(3 * channels, channels)
        self.gamma = nn.Parameter(0.5 + torch.rand(channels))

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(self.act(self.pwconv1(y)))
        return x + y.permute(0, 3, 1, 2)


class ConvNext(nn.Module):
    layer = "stages"

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 10, 4, 4), ChannelNorm(10, 1e-6))
        self.stages = nn.Sequential(
            ConvNextBlock(10), nn.Sequential(ChannelNorm(10, 1e-6), nn.Conv2d(10, 14, 2, 2)), ConvNextBlock(14)
        )
        self.norm, self.head = nn.LayerNorm(14, 1e-6), nn.Linear(14, CLASSES)

    def forward(self, x):
        return self.head(self.norm(self.stages(self.stem(x)).mean([-2, -1])))


class Decoder(nn.Module):
    """What else CNNs are made of: group and instance normalisation, PReLU, ELU, Mish, transposed convolution, resizes."""

    layer = "tail"

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.ZeroPad2d((0, 1, 1, 0)), nn.Conv2d(3, 8, 3, 2), nn.GroupNorm(4, 8), nn.PReLU(8))
        self.down = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1, groups=4), nn.InstanceNorm2d(12, affine=True), nn.ELU())
        self.up = nn.Sequential(nn.ConvTranspose2d(12, 8, 3, 2, 1, output_padding=1, groups=2), nn.Mish())
        self.near, self.smooth = nn.Upsample(scale_factor=2), nn.Upsample(size=(16, 16), mode="bilinear")
        self.tail = nn.Sequential(nn.Conv2d(24, 10, 3, 2, 2, dilation=2), nn.LeakyReLU(0.1))
        self.fc = nn.Linear(10, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        y = self.up(self.down(x))
        x = self.tail(torch.cat([x, self.smooth(y), nn.functional.softplus(self.near(y[:, :, ::2, 1:16:2]))], 1))
        return nn.functional.log_softmax(self.fc(x.amax((2, 3))), 1)


class Attention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)

    def forward(self, x):
        items, tokens, channels = x.shape
        q, k, v = self.qkv(x).reshape(items, tokens, 3, self.heads, channels // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        x = nn.functional.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(items, tokens, channels))


class VitBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(channels), Attention(channels, 2)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """A class token beside the patches, positions, attention; explained at the patches."""

    layer, auto = "patch_embed", "blocks.1.norm1"

    def __init__(self):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, 16, 8, 8)
        self.cls_token, self.pos_embed = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 17, 16))
        self.blocks, self.norm = nn.Sequential(VitBlock(16), VitBlock(16)), nn.LayerNorm(16)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class NormLinear(nn.Module):
    """A normalisation of tokens as if each were an item; its ones and zeros are equal weights, written once."""

    def __init__(self, inputs, outputs, gain):
        super().__init__()
        self.linear, self.bn = nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs)
        nn.init.constant_(self.bn.weight, gain)

    def forward(self, x):
        x = self.linear(x)
        return self.bn(x.flatten(0, 1)).reshape_as(x)


class Root(nn.Module):
    def forward(self, x):
        return torch.sqrt(x**2 + 0.1)


class Levit(nn.Module):
    """Tokens between convolutions, windows of them, talking heads, every second token, powers and norms."""

    layer = "root"

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1), nn.Hardswish(), nn.Conv2d(12, 12, 3, 2, 1))
        self.wide, self.narrow = NormLinear(12, 24, 1.0), NormLinear(24, 12, 0.5)
        self.heads, self.bias = nn.Linear(2, 2), nn.Parameter(torch.randn(2, 16, 16))
        self.tail, self.root, self.head = nn.Conv2d(12, 12, 3, padding=1), Root(), nn.Linear(12, CLASSES)

    def forward(self, x):
        x = self.stem(x).permute(0, 2, 3, 1)
        items, height, width, channels = x.shape
        x = x.reshape(items, 2, 4, 2, 4, channels).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, channels)
        x = x + self.narrow(nn.functional.gelu(self.wide(x), approximate="tanh"))
        q, v = x.reshape(-1, 16, 2, 6).transpose(1, 2), x.reshape(-1, 16, 2, 6).permute(0, 2, 1, 3)
        q = q / q.norm(dim=-1, keepdim=True).clamp(min=1e-3)
        scores = q @ q.transpose(-2, -1) * 3 + self.bias
        scores = self.heads(scores.softmax(-1).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = (scores @ v).transpose(1, 2).reshape(items, 2, 2, 4, 4, channels)
        x = x.permute(0, 5, 1, 3, 2, 4).reshape(items, channels, height, width)
        x = self.root(self.tail(x))
        x = x[:, :, ::2, 1::2].flip(3).roll(1, 2)
        return self.head(x.mean((2, 3)) + x.std((2, 3), unbiased=False))


NETS = {
    "resnet": ResNet,
    "vgg-bn": Vgg,
    "mobilenet-v2": lambda: MobileNet(nn.ReLU6),
    "mobilenet-v3": lambda: MobileNet(nn.Hardswish, nn.Hardsigmoid),
    "efficientnet": lambda: MobileNet(nn.SiLU, nn.Sigmoid),
    "densenet": DenseNet,
    "squeezenet": SqueezeNet,
    "shufflenet": ShuffleNet,
    "inception": Inception,
    "convnext": ConvNext,
    "decoder": Decoder,
    "vit": Vit,
    "levit": Levit,
}
