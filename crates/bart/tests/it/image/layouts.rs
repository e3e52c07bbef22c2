//! Bases and images in folders.

use super::Workshop;

#[test]
fn a_layout_is_a_base_and_a_destination_as_good_as_a_registry() {
    let workshop = Workshop::new();
    let written = workshop.image(&["--output", "layout"]);
    assert_eq!(written["result"], "written");
    assert_eq!(written["reference"], "layout:1.2.3");
    assert_eq!(written["uploaded"]["blobs"], 5);
    let pushed = workshop.image(&[]);
    assert_eq!(written["digest"], pushed["digest"]);

    // From the layout to another layout, to a registry, and by its name.
    let copied = workshop.image(&["--base", "layout", "--output", "copy"]);
    assert_eq!(copied["platforms"].as_array().unwrap().len(), 2);
    let to = format!("{}/me/carried:1.2.3", workshop.registry.host());
    let carried = workshop.image(&["--base", "layout:1.2.3", "--push", &to]);
    assert_eq!(carried["uploaded"]["blobs"], 5, "{carried}");
    assert_eq!(carried["platforms"], copied["platforms"]);
    let (code, error, _) = workshop.fails(&["--base", "layout:9"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("holds no artifact called `9`"), "{error}");
}

#[test]
fn without_a_registry_at_hand_an_image_can_be_made_on_trust() {
    let workshop = Workshop::new();
    workshop.image(&["--output", "layout"]);
    workshop.registry.forget_requests();
    let content = workshop.content.as_str();
    let image = workshop.image(&[
        "--base",
        "layout",
        "--output",
        "other",
        "--repository",
        "registry.test/me/site",
        "--digest",
        content,
        "--allow-missing-content",
    ]);
    assert_eq!(image["content"]["repository"], "registry.test/me/site");
    assert_eq!(image["content"]["digest"], content);
    assert_eq!(workshop.registry.lines().len(), 0);
}
