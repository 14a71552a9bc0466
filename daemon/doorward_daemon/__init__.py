"""The appliance: from a picture to a justified answer."""
