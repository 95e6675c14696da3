"""Tests of the packages beyond the folder."""
