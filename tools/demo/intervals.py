"""95 % intervals of shares; NumPy only."""

import numpy as np

RESAMPLES = 2000


def wilson(right, n, z=1.96):
    """95 % interval of a share; sensible near 0 and 1 too."""
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(float(middle - half), 4), round(float(middle + half), 4)]


def share_of_hits(hits, counts, rng):
    """hits and counts per scene. Objects of one scene are not independent: scenes are resampled."""
    chosen = rng.integers(0, len(hits), (RESAMPLES, len(hits)))
    resampled = hits[chosen].sum(1) / counts[chosen].sum(1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return {
        "value": round(float(hits.sum() / counts.sum()), 4),
        "interval95": [round(float(low), 4), round(float(high), 4)],
    }


def share_over_scenes(found, rng):
    """found: (scene, hit) of each case, several of a scene being possible. Also says how many there were."""
    scenes, places = np.unique([scene for scene, _ in found], return_inverse=True)
    counts = np.bincount(places, minlength=len(scenes)).astype(float)
    hits = np.bincount(places, weights=[float(hit) for _, hit in found], minlength=len(scenes))
    return {**share_of_hits(hits, counts, rng), "cases": len(found)}
