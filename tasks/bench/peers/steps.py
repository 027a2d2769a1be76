"""Times training steps of the models in PyTorch, on the batches that strokewise is timed on.

Usage: steps.py JOBS.json, a list of {"name", "model", "batch": FILE.npz, "classes", "steps", "seconds", "device"} and
what the model wants: "skip" blank frames, or points that drawings don't have, or not; "input" rows or pixels; "window"
of N or 0; sizes of Sketch-RNN and of seq2seq. "clipNorm" is the global norm that gradients are clipped to.
Prints a JSON line a job: {"name", "torch", "device", "milliseconds"}: the median of a step, that is forward, backward,
clipping where it is wanted, and Adam. With --product, the rate of a 512 x 512 x 512 product in GFLOP/s.
"""
import json
import math
import statistics
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F


class SketchClassifier(nn.Module):
    """Three convolutions a frame, then three LSTMs or all frames at once. Frames are [B, T, S, S], counts [B]."""

    def __init__(self, frames, classes, recurrent, skip):
        super().__init__()
        self.skip = skip
        sizes = [1, 8, 16, 32]
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, padding="same") for a, b in zip(sizes, sizes[1:]))
        self.features = 32 * (frames.shape[2] // 8) ** 2
        self.lstm = nn.LSTM(self.features, 128, 3, batch_first=True) if recurrent else None
        self.hidden = nn.Linear(128 if recurrent else self.features * frames.shape[1], 64)
        self.logits = nn.Linear(64, classes)

    def convolve(self, frames):
        """[N, S, S] to [N, features]."""
        x = frames.unsqueeze(1)
        for convolution in self.convolutions:
            x = F.max_pool2d(torch.relu(convolution(x)), 2)
        return x.flatten(1)

    def forward(self, frames, counts):
        size, steps = frames.shape[:2]
        if self.skip:  # one blank frame stands for all that come after a drawing's last stroke
            used = torch.arange(steps, device=counts.device) < counts[:, None]
            features = self.convolve(torch.cat([frames[used], torch.zeros_like(frames[:1, 0])]))
            place = torch.full((size, steps), len(features) - 1, device=counts.device)
            place[used] = torch.arange(len(features) - 1, device=counts.device)
            x = features[place]
        else:
            x = self.convolve(frames.flatten(0, 1)).view(size, steps, -1)
        x = self.lstm(x)[0][:, -1] if self.lstm else x.flatten(1)
        return self.logits(torch.relu(self.hidden(x)))


class DigitLstm(nn.Module):
    """One LSTM of 128 units over rows or pixels, [B, T, D]."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.lstm = nn.LSTM(inputs, 128, batch_first=True)
        self.logits = nn.Linear(128, classes)

    def forward(self, sequence):
        return self.logits(self.lstm(sequence)[0][:, -1])


class Draw(nn.Module):
    """DRAW, arXiv:1502.04623: T steps, latents of 10, 256 units, windows of N x N or none where N is 0."""

    def __init__(self, side, window, steps=10, units=256, latent=10):
        super().__init__()
        self.side, self.window, self.steps, self.units, self.latent = side, window, steps, units, latent
        patch = window**2 if window else side**2
        self.encoder = nn.LSTMCell(2 * patch + units, units)
        self.decoder = nn.LSTMCell(latent, units)
        self.posterior = nn.Linear(units, 2 * latent)
        self.patch = nn.Linear(units, patch)
        self.reading, self.writing = nn.Linear(units, 5), nn.Linear(units, 5)

    def filters(self, parameters):
        """Eqs. 19 to 26, with 0-based i: two filterbanks [B, N, side] and gamma [B, 1]."""
        side, n = self.side, self.window
        x, y, log_variance, log_stride, log_gamma = parameters.unbind(1)
        offsets = torch.arange(n, device=x.device) - (n - 1) / 2
        stride = (side - 1) / (n - 1) * log_stride.exp()
        cells = torch.arange(side, device=x.device)

        def bank(centre):
            middle = (side + 1) / 2 * (centre + 1) - 1
            means = middle[:, None] + offsets * stride[:, None]
            far = (cells - means[:, :, None]) ** 2
            weights = torch.exp(-far / (2 * log_variance.exp())[:, None, None])
            return weights / (weights.sum(2, keepdim=True) + 1e-8)

        return bank(x), bank(y), log_gamma.exp()[:, None]

    def forward(self, images):
        size, side, n = len(images), self.side, self.window
        canvas = torch.zeros_like(images)
        h_enc = c_enc = h_dec = c_dec = images.new_zeros(size, self.units)
        divergence = 0
        for _ in range(self.steps):
            error = images - torch.sigmoid(canvas)
            seen = torch.stack([images, error], 1)  # [B, 2, side * side]
            if n:
                fx, fy, gamma = self.filters(self.reading(h_dec))
                seen = fy[:, None] @ seen.view(size, 2, side, side) @ fx.transpose(1, 2)[:, None]
                seen = seen.flatten(2) * gamma[:, None]
            h_enc, c_enc = self.encoder(torch.cat([seen.flatten(1), h_dec], 1), (h_enc, c_enc))
            mean, log_deviation = self.posterior(h_enc).chunk(2, 1)
            latent = mean + log_deviation.exp() * torch.randn_like(mean)
            divergence = divergence + 0.5 * (mean**2 + (2 * log_deviation).exp() - 2 * log_deviation - 1).sum(1)
            h_dec, c_dec = self.decoder(latent, (h_dec, c_dec))
            written = self.patch(h_dec)
            if n:
                fx, fy, gamma = self.filters(self.writing(h_dec))
                written = (fy.transpose(1, 2) @ written.view(size, n, n) @ fx).flatten(1) / gamma
            canvas = canvas + written
        reconstruction = F.binary_cross_entropy_with_logits(canvas, images, reduction="none").sum(1)
        return (reconstruction + divergence).mean()


class SketchRnn(nn.Module):
    """Sketch-RNN, arXiv:1704.03477, with PyTorch's fused LSTMs, which have no recurrent dropout: it costs nothing here.

    Rows are [P + 1, B, 5], a start token and offsets, of drawings with fewer and fewer offsets; counts [B] are the
    offsets of each, lengths [B] the rows that are foretold. With `skip` on a card sequences are packed. On a processor
    the backward pass of packed ones fills all gradients anew in every step, and takes several times as long as that of
    sequences that are padded to the longest, of which only the real points are foretold.
    """

    def __init__(self, rows, counts, lengths, job):
        super().__init__()
        units, self.mixtures, latent = job["decoderUnits"], job["numMixtures"], job["latentSize"]
        self.divisor, self.floor = job["maxLength"] * len(counts), job["klFloor"]
        self.ahead, self.back = nn.LSTM(5, job["encoderUnits"]), nn.LSTM(5, job["encoderUnits"])
        self.posterior = nn.Linear(2 * job["encoderUnits"], 2 * latent)
        self.initial = nn.Linear(latent, 2 * units)
        self.decoder = nn.LSTM(5 + latent, units)
        self.output = nn.Linear(units, 3 + 6 * self.mixtures)
        self.packed = job["skip"] and job["device"] == "cuda"
        self.ends = counts.clamp(min=1)
        steps = int(lengths.max())
        read = rows[1:]  # [P, B, 5]
        places = (self.ends - 1 - torch.arange(len(read), device=rows.device)[:, None]).clamp(min=0)  # [P, B]
        reverse = read.gather(0, places[:, :, None].expand(-1, -1, 5))
        self.read = [self.pack(read, self.ends), self.pack(reverse, self.ends)]
        self.given = self.pack(rows[:steps], lengths)
        after = F.one_hot(torch.full((1, len(counts)), 4, device=rows.device), 5).float()
        real = torch.arange(steps, device=rows.device)[:, None] < lengths  # [T, B]
        self.real = None if real.all() else real.flatten().nonzero()[:, 0]  # [N]
        self.targets = torch.cat([read, after])[:steps][real]  # [N, 5]
        self.owners = torch.arange(len(counts), device=rows.device).expand(steps, -1)[real]  # [N]

    def pack(self, values, lengths):
        return nn.utils.rnn.pack_padded_sequence(values, lengths.cpu()) if self.packed else values

    def last(self, lstm, read):
        """The hidden state after a drawing's last offset, [B, H]."""
        hidden, (last, _) = lstm(read)
        if self.packed:
            return last[0]
        return hidden.gather(0, (self.ends - 1)[None, :, None].expand(-1, -1, hidden.shape[2]))[0]

    def forward(self):
        both = torch.cat([self.last(lstm, read) for lstm, read in zip((self.ahead, self.back), self.read)], 1)
        mean, log_variance = self.posterior(both).chunk(2, 1)
        latent = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        state = tuple(part[None].contiguous() for part in torch.tanh(self.initial(latent)).chunk(2, 1))
        if self.packed:
            inputs = self.given._replace(data=torch.cat([self.given.data, latent[self.owners]], 1))
            hidden = self.decoder(inputs, state)[0].data
        else:
            beside = latent.expand(len(self.given), -1, -1)  # [T, B, Z]
            hidden = self.decoder(torch.cat([self.given, beside], 2), state)[0].flatten(0, 1)
            hidden = hidden if self.real is None else hidden.index_select(0, self.real)
        cost = self.cost(self.output(hidden)).sum() / self.divisor
        divergence = (mean**2 + log_variance.exp() - log_variance - 1).mean() / 2
        return cost + 0.5 * divergence.clamp(min=self.floor)

    def cost(self, outputs):
        """Nats of each row that is foretold, of its offset and of its pen: [N]."""
        parts = outputs.split([3] + 6 * [self.mixtures], 1)
        pen, pi, mean_x, mean_y, log_x, log_y, correlation = parts
        rho = torch.tanh(correlation)
        x = (self.targets[:, :1] - mean_x) * torch.exp(-log_x)
        y = (self.targets[:, 1:2] - mean_y) * torch.exp(-log_y)
        free = 1 - rho**2
        normal = -(x**2 + y**2 - 2 * rho * x * y) / (2 * free) - log_x - log_y - free.log() / 2 - math.log(2 * math.pi)
        offsets = torch.logsumexp(pi, 1) - torch.logsumexp(pi + normal, 1)
        pens = torch.logsumexp(pen, 1) - (pen * self.targets[:, 2:]).sum(1)
        return offsets * (1 - self.targets[:, 4]) + pens


class Seq2seq(nn.Module):
    """LSTMs read queries [Q, B, F]; of the last one's last state, at each of T steps, another LSTM makes characters."""

    def __init__(self, inputs, steps, job):
        super().__init__()
        self.steps = steps
        sizes = [inputs, *job["encoderUnits"]]
        self.encoder = nn.ModuleList(nn.LSTM(a, b) for a, b in zip(sizes, sizes[1:]))
        sizes = [sizes[-1], *job["decoderUnits"]]
        self.decoder = nn.ModuleList(nn.LSTM(a, b) for a, b in zip(sizes, sizes[1:]))
        self.logits = nn.Linear(sizes[-1], job["characters"])

    def forward(self, x):
        for lstm in self.encoder:
            x = lstm(x)[0]
        x = x[-1].expand(self.steps, -1, -1)
        for lstm in self.decoder:
            x = lstm(x)[0]
        return self.logits(x)  # [T, B, V]


def same(conv, inputs, outputs, size, stride=2):
    """A convolution, or a transposed one, whose maps are smaller or larger by the stride."""
    more = {"output_padding": size % 2} if conv is nn.ConvTranspose2d and stride > 1 else {}
    return conv(inputs, outputs, size, stride, (size - 1) // 2, **more)


class Autoencoder(nn.Module):
    """3x3 convolutions with ELU or ReLU that halve images to a code, and transposed ones back, [B, C, S, S]; with a latent's mean
    and logarithm of the variance in place of the code, and discretized logistic pixels, where it is variational."""

    def __init__(self, side, job):
        super().__init__()
        self.variational, self.base = job["model"] == "vae", job["baseFilters"]
        filters = lambda halvings: min(job["filters"] * 2 ** max(0, halvings - 1), job["maxFilters"])
        after = {"elu": nn.ELU, "relu": nn.ReLU}[job["activation"]]
        sides = [side]
        while sides[-1] >= 8:
            sides.append((sides[-1] + 1) // 2)
        self.first, layers = sides[-1], []
        for i in range(len(sides)):
            layers += [same(nn.Conv2d, filters(i) if i else 3, filters(i + 1), 3), after(inplace=True)]
        features = ((sides[-1] + 1) // 2) ** 2 * filters(len(sides))
        latent = job["latentSize"]
        self.encoder = nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, latent * (2 if self.variational else 1)))
        self.seed = nn.Linear(latent, self.first**2 * self.base)
        layers, inputs = [], self.base
        for i in range(len(sides) - 2, -1, -1):
            layers += [same(nn.ConvTranspose2d, inputs, filters(i), 3), after(inplace=True)]
            inputs = filters(i)
        self.decoder = nn.Sequential(*layers, same(nn.Conv2d, inputs, 3, 3, 1))
        self.log_scale = nn.Parameter(torch.full((3, 1, 1), math.log(0.1)))

    def forward(self, images):
        code = self.encoder(2 * images - 1)
        if not self.variational:
            return F.binary_cross_entropy_with_logits(self.decode(code), images)
        mean, log_variance = code.chunk(2, 1)
        again = torch.sigmoid(self.decode(mean + (log_variance / 2).exp() * torch.randn_like(mean)))
        divergence = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(1).mean()
        inverse, half = torch.exp(-self.log_scale), 0.5 / 255
        far, reach = (images - again) * inverse, inverse * half
        upper = F.softplus(-(far + reach)) * (images <= 1 - half)
        lower = F.softplus(far - reach) * (images >= half)
        width = torch.log(-torch.expm1(-2 * reach)) * ((images <= 1 - half) & (images >= half))
        return (upper + lower - width).flatten(1).sum(1).mean() + divergence

    def decode(self, code):
        return self.decoder(self.seed(code).view(len(code), self.base, self.first, self.first))


def report_networks(job, side):
    """The generator and the discriminator of the report: 3x3 filters, as many channels everywhere, nothing normalized."""
    channels, first = job["channels"], side // 16
    made = [nn.Linear(job["latentSize"], first**2 * 64), nn.Unflatten(1, (64, first, first)), nn.ReLU(inplace=True)]
    for inputs in (64, channels, channels, channels):
        made += [same(nn.ConvTranspose2d, inputs, channels, 3), nn.ReLU(inplace=True)]
    judged, inputs = [], 3
    for _ in range(5):
        judged += [same(nn.Conv2d, inputs, channels, 3), nn.ReLU(inplace=True)]
        inputs = channels
    return nn.Sequential(*made, same(nn.Conv2d, channels, 3, 3, 1), nn.Tanh()), judged, (side // 32) ** 2 * channels


def dcgan_networks(job, side):
    """Those of DCGAN, arXiv:1511.06434: 4x4 filters, the generator's batches normalized, images of 32, 64, 128 pixels."""
    channels, levels = job["channels"], int(math.log2(side // 4))
    inputs = channels * 2 ** (levels - 1)
    made = [nn.Linear(job["latentSize"], inputs * 16, bias=False), nn.Unflatten(1, (inputs, 4, 4))]
    for i in range(levels):
        outputs = channels * 2 ** (levels - 2 - i) if i < levels - 1 else 3
        up = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=i == levels - 1)
        made += [nn.BatchNorm2d(inputs), nn.ReLU(inplace=True), up]
        inputs = outputs
    judged, inputs = [], 3
    for i in range(levels):
        judged += [nn.Conv2d(inputs, channels * 2**i, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        inputs = channels * 2**i
    return nn.Sequential(*made, nn.Tanh()), judged, 16 * inputs


class Gan:
    """A GAN of images [B, C, S, S] from -1 to 1; a step trains both networks, the discriminator first."""

    def __init__(self, images, job, device):
        self.images, self.latent = images, job["latentSize"]
        networks = {"report": report_networks, "dcgan": dcgan_networks}[job["architecture"]]
        generator, judged, features = networks(job, images.shape[2])
        self.generator = generator.to(device)
        self.discriminator = nn.Sequential(*judged, nn.Flatten(), nn.Linear(features, 1)).to(device)
        sides = [self.discriminator, self.generator]
        self.optimizers = [torch.optim.Adam(side.parameters(), 2e-4, (0.5, 0.999)) for side in sides]

    def make(self):
        return self.generator(torch.randn(len(self.images), self.latent, device=self.images.device))

    def step(self):
        """Trains the discriminator, then the generator; gives the latter's loss."""
        for parameter in self.discriminator.parameters():
            parameter.requires_grad_(True)
        self.optimizers[0].zero_grad()
        with torch.no_grad():
            made = self.make()
        (F.softplus(-self.discriminator(self.images)).mean() + F.softplus(self.discriminator(made)).mean()).backward()
        self.optimizers[0].step()
        for parameter in self.discriminator.parameters():
            parameter.requires_grad_(False)
        self.optimizers[1].zero_grad()
        loss = F.softplus(-self.discriminator(self.make())).mean()
        loss.backward()
        self.optimizers[1].step()
        return loss


def build(job, fields, device):
    """The model of a job, and the loss of one step as a function of nothing."""
    tensor = lambda name: torch.from_numpy(fields[name].astype("float32")).to(device)
    labels = torch.from_numpy(fields["label"].astype("int64")).to(device)
    if job["model"] in ("cnn", "cnn-lstm"):
        frames, counts = tensor("frames"), torch.from_numpy(fields["stroke_count"].astype("int64")).to(device)
        model = SketchClassifier(frames, job["classes"], job["model"] == "cnn-lstm", job["skip"]).to(device)
        return model, lambda: F.cross_entropy(model(frames, counts), labels)
    if job["model"] == "sketch-rnn":
        order = torch.from_numpy(fields["counts"].astype("int64")).argsort(descending=True).to(device)
        counts, lengths = (tensor(name).long()[order] for name in ("counts", "lengths"))
        model = SketchRnn(tensor("rows")[:, order], counts, lengths, job).to(device)
        return model, model
    if job["model"] == "seq2seq":
        queries, answers = tensor(job["query"]), tensor("answer").long().t().flatten()
        if job["input"] == "text":
            steps = F.one_hot(queries.long(), job["characters"]).float()  # [B, Q, V]
        else:
            steps = queries.flatten(2) / 255  # [B, Q, S * S]
        steps = steps.transpose(0, 1).contiguous()
        model = Seq2seq(steps.shape[2], len(answers) // steps.shape[1], job).to(device)
        return model, lambda: F.cross_entropy(model(steps).flatten(0, 1), answers)
    images = tensor("image") / 255
    if job["model"] in ("cae", "vae"):
        model = Autoencoder(images.shape[1], job).to(device)
        pixels = images.permute(0, 3, 1, 2).contiguous()
        return model, lambda: model(pixels)
    if job["model"] == "mnist-lstm":
        sequence = images if job["input"] == "rows" else images.reshape(len(images), -1, 1)
        model = DigitLstm(sequence.shape[2], job["classes"]).to(device)
        return model, lambda: F.cross_entropy(model(sequence), labels)
    model = Draw(images.shape[1], job["window"]).to(device)
    pixels = (images > 0.5).float().flatten(1)
    return model, lambda: model(pixels)


def step_of(job, fields, device):
    """A step as a function that gives its loss."""
    if job["model"] == "gan":
        images = torch.from_numpy(fields["image"].astype("float32")).to(device).permute(0, 3, 1, 2) / 127.5 - 1
        return Gan(images.contiguous(), job, device).step
    model, loss_of = build(job, fields, device)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        if "clipNorm" in job:
            nn.utils.clip_grad_norm_(model.parameters(), job["clipNorm"])
        optimizer.step()
        return loss

    return step


def time_job(job):
    """Median milliseconds of a step after two to warm up; no further one is begun after `seconds`. Of `together` steps only
    the last is waited for, and their mean counts as one."""
    torch.manual_seed(1)
    step = step_of(job, dict(numpy.load(job["batch"])), job["device"])
    together = job.get("together", 1)
    most = -(-job["steps"] // together) + 2
    times, began = [], time.perf_counter()
    while len(times) < most and (len(times) < 3 or time.perf_counter() - began < job["seconds"]):
        start = time.perf_counter()
        for _ in range(together):
            loss = step()
        loss.item()  # until it is really done
        times.append(1000 * (time.perf_counter() - start) / together)
    return statistics.median(times[2:])


def product_rate(size=512, count=40):
    """GFLOP/s of the product of two matrices [size, size], the best of `count`, with the threads that steps have."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    times = []
    for _ in range(count):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2e-9 * size**3 / min(times)


def main():
    torch.set_num_threads(2)
    if sys.argv[1] == "--product":
        print(json.dumps({"torch": torch.__version__, "rate": product_rate()}))
        return
    with open(sys.argv[1]) as file:
        jobs = json.load(file)
    for job in jobs:
        done = {"name": job["name"], "torch": torch.__version__, "device": job["device"]}
        print(json.dumps({**done, "milliseconds": time_job(job)}), flush=True)


if __name__ == "__main__":
    main()
