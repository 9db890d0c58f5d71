"""Networks: from a mixture to masks and waveforms."""
